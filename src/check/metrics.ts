import type { ClassificationFigures, RegressionFigures } from '../profile/metrics.js';

/** Rows whose scores are kept to rank them; of more the area under the curve is not worked out, so that memory stays bounded (12 bytes a row and class). */
export const MOST_RANKED = 1 << 24;

/** A double next to 1: probabilities are clipped to [eps, 1 - eps] before their logarithm, as scikit-learn does for values of 32 bits. */
const CLIP = 2 ** -23;

/**
 * Accuracy, area under the ROC curve (for more than two classes the mean of each class against the rest), log loss and Brier score (of two classes that of
 * the positive one, of more the sum over all), as scikit-learn defines them: accuracy_score, roc_auc_score(multi_class="ovr"), log_loss, brier_score_loss.
 */
export class ClassificationMetrics {
  readonly #classes: number;
  readonly #positive: number;
  #rows = 0;
  #right = 0;
  #logLoss = 0;
  #brier = 0;
  #scores: Float64Array;
  #truths = new Int32Array(1024);
  #hasProbabilities = true;

  /** `positive`: index of the class that two-class figures speak of. */
  constructor(classes: number, positive: number) {
    this.#classes = classes;
    this.#positive = positive;
    this.#scores = new Float64Array(1024 * classes);
  }

  /** One row: the true class, the predicted one (-1 for none of them), and the probability of each class, where there are any. */
  add(truth: number, predicted: number, probabilities: readonly number[] | undefined): void {
    const row = this.#rows++;
    if (truth === predicted) this.#right++;
    if (probabilities === undefined) this.#hasProbabilities = false;
    else {
      this.#logLoss -= logOf(probabilities, truth);
      this.#brier += this.#brierOf(probabilities, truth);
      if (row < MOST_RANKED) this.#keep(row, truth, probabilities);
    }
  }

  figures(): ClassificationFigures | undefined {
    const rows = this.#rows;
    if (rows === 0) return undefined;
    const mean = (sum: number): number | null => (this.#hasProbabilities ? sum / rows : null);
    return { kind: 'classification', rows, accuracy: this.#right / rows, auc: this.#auc(), logLoss: mean(this.#logLoss), brier: mean(this.#brier) };
  }

  #brierOf(probabilities: readonly number[], truth: number): number {
    if (this.#classes === 2) return ((probabilities[this.#positive] ?? 0) - (truth === this.#positive ? 1 : 0)) ** 2;
    return probabilities.reduce((sum, p, index) => sum + (p - (index === truth ? 1 : 0)) ** 2, 0);
  }

  #keep(row: number, truth: number, probabilities: readonly number[]): void {
    if (row === this.#truths.length) {
      const [scores, truths] = [new Float64Array(this.#scores.length * 2), new Int32Array(row * 2)];
      scores.set(this.#scores);
      truths.set(this.#truths);
      [this.#scores, this.#truths] = [scores, truths];
    }
    this.#truths[row] = truth;
    for (let at = 0; at < this.#classes; at++) this.#scores[row * this.#classes + at] = probabilities[at] ?? 0;
  }

  #auc(): number | null {
    if (!this.#hasProbabilities || this.#rows > MOST_RANKED) return null;
    const classes = this.#classes === 2 ? [this.#positive] : Array.from({ length: this.#classes }, (_, index) => index);
    const areas = classes.map((index) => this.#area(index));
    return areas.some((area) => area === undefined) ? null : areas.reduce<number>((sum, area) => sum + (area ?? 0), 0) / areas.length;
  }

  /**
   * The chance that a row of the class scores above one of the others, ties counting half: the statistic of Mann and Whitney (1947) over the product of both numbers,
   * which is the area under the ROC curve (Hanley and McNeil, 1982). Undefined where one of the two is empty.
   */
  #area(index: number): number | undefined {
    const rows = this.#rows;
    const inside: number[] = [];
    const outside: number[] = [];
    for (let row = 0; row < rows; row++) (this.#truths[row] === index ? inside : outside).push(this.#scores[row * this.#classes + index] as number);
    if (inside.length === 0 || outside.length === 0) return undefined;
    const [above, below] = [Float64Array.from(inside).sort(), Float64Array.from(outside).sort()];
    let [less, notMore, wins] = [0, 0, 0];
    for (const score of above) {
      while (less < below.length && (below[less] as number) < score) less++;
      while (notMore < below.length && (below[notMore] as number) <= score) notMore++;
      wins += less + (notMore - less) / 2;
    }
    return wins / above.length / below.length;
  }
}

function logOf(probabilities: readonly number[], truth: number): number {
  return Math.log(clipped(probabilities[truth] ?? 0));
}

function clipped(p: number): number {
  return Math.min(Math.max(p, CLIP), 1 - CLIP);
}

/** Mean absolute error, root mean squared error and coefficient of determination. The spread is taken by Welford's update, which does not cancel. */
export class RegressionMetrics {
  #rows = 0;
  #absolute = 0;
  #squared = 0;
  #mean = 0;
  #spread = 0;

  add(truth: number, predicted: number): void {
    const error = truth - predicted;
    const delta = truth - this.#mean;
    this.#rows++;
    this.#absolute += Math.abs(error);
    this.#squared += error * error;
    this.#mean += delta / this.#rows;
    this.#spread += delta * (truth - this.#mean);
  }

  figures(): RegressionFigures | undefined {
    const rows = this.#rows;
    if (rows === 0) return undefined;
    const r2 = this.#spread === 0 ? null : 1 - this.#squared / this.#spread;
    return { kind: 'regression', rows, mae: this.#absolute / rows, rmse: Math.sqrt(this.#squared / rows), r2 };
  }
}
