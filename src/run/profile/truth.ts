import type { Metrics } from '../../contract/contract.js';
import type { ClassificationMetrics, RegressionMetrics } from '../../check/metrics.js';
import type { OutputPlan } from '../../model/outputs.js';
import type { Coded, Survey } from './sample.js';

/** Compares what the model gave with what is true, chunk by chunk in input order. */
export interface Truth {
  /** Rows whose target is missing, or is no class or number that the model knows. */
  readonly untold: number;
  add(survey: Survey): void;
  /** Undefined where no row could be compared. */
  figures(): Metrics | undefined;
}

interface Makers {
  readonly metrics: (classes: number, positive: number) => ClassificationMetrics;
  readonly errors: () => RegressionMetrics;
}

/** The comparison that fits the model's outputs: of classes where they have names, else of numbers. */
export function openTruth(plan: OutputPlan, positiveClass: string | undefined, makers: Makers): Truth {
  return plan.classes === undefined ? new Numbers(makers.errors()) : new Classes(plan, plan.classes, positiveClass, makers);
}

class Numbers implements Truth {
  untold = 0;
  readonly #errors: RegressionMetrics;

  constructor(errors: RegressionMetrics) {
    this.#errors = errors;
  }

  add({ target, results: [predicted] }: Survey): void {
    if (target === undefined || !(predicted instanceof Float64Array)) return;
    target.numbers.forEach((number, row) => {
      if (Number.isNaN(number)) this.untold++;
      else this.#errors.add(number, predicted[row] as number);
    });
  }

  figures(): Metrics | undefined {
    return this.#errors.figures();
  }
}

class Classes implements Truth {
  untold = 0;
  readonly #metrics: ClassificationMetrics;
  readonly #classes: readonly string[];
  /** By class: the result column of its probability; -1 where there is none. */
  readonly #probabilities: readonly number[];
  readonly #prediction: number;

  constructor(plan: OutputPlan, classes: readonly string[], positiveClass: string | undefined, makers: Makers) {
    this.#classes = classes;
    this.#metrics = makers.metrics(classes.length, positiveClass === undefined ? 1 : Math.max(classes.indexOf(positiveClass), 0));
    const names = plan.fields.map(({ name }) => name);
    this.#prediction = names.indexOf('prediction');
    this.#probabilities = classes.map((name) => names.indexOf(`probability_${name}`));
  }

  add({ target, results }: Survey): void {
    if (target === undefined) return;
    const truths = this.#places(target);
    const predicted = results[this.#prediction];
    const codes = predicted === undefined ? undefined : predicted instanceof Float64Array ? this.#placesOf(predicted) : this.#places(predicted);
    const columns = this.#probabilities.map((at) => results[at]);
    const whole = columns.every((column): column is Float64Array => column instanceof Float64Array) ? columns : undefined;
    truths.forEach((truth, row) => {
      if (truth === -1) this.untold++;
      else
        this.#metrics.add(
          truth,
          codes?.[row] ?? -1,
          whole?.map((column) => column[row] as number),
        );
    });
  }

  figures(): Metrics | undefined {
    return this.#metrics.figures();
  }

  /** Texts as places among the classes; blanks around them do not count where only they differ. */
  #places({ texts, codes }: Coded): Int32Array {
    const places = texts.map((text) => (this.#classes.includes(text) ? this.#classes.indexOf(text) : this.#classes.indexOf(text.trim())));
    return Int32Array.from(codes, (code) => places[code] as number);
  }

  #placesOf(labels: Float64Array): Int32Array {
    return Int32Array.from(labels, (label) => this.#classes.indexOf(String(label)));
  }
}
