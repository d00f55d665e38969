import type { Block, Cell, Finding, Level, Report, Section, Table } from '../content.js';
import { GENERATOR } from './mark.js';
import { html } from './markup.js';
import { STYLE } from './style.js';
import type { Plot } from '../content.js';

export interface PageOptions {
  readonly version: string;
  /** When and from what it was made, for the foot of the page. */
  readonly made: string;
  /** An SVG with the id given. */
  readonly draw: (plot: Plot, id: string) => string;
}

/** Nothing is loaded and nothing runs: the browser is told so, whatever the texts of a journal hold. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole report as one page of HTML that needs nothing else. */
export function reportPage(report: Report, options: PageOptions): string {
  const page = new Page(options);
  const { title, sections } = report;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${GENERATOR}${html(options.version)}">
<title>${html(title)} - Scoreline</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="brand">Scoreline run report</p>
<h1>${html(title)}</h1>
<nav aria-label="Sections"><ul>${sections.map(({ id, title: name }) => `<li><a href="#${id}">${html(name)}</a></li>`).join('')}</ul></nav>
</header>
<main>
${sections.map((section) => page.section(section)).join('\n')}
</main>
<footer><p>${html(options.made)}</p></footer>
</body>
</html>
`;
}

const SIGNS: Readonly<Record<Level, { readonly sign: string; readonly word: string }>> = {
  good: { sign: '✓', word: 'Good' },
  note: { sign: '•', word: 'Note' },
  warning: { sign: '▲', word: 'Warning' },
  failed: { sign: '✕', word: 'Failed' },
};

/** Makes ids as it goes, so that captions and plots can be referred to. */
class Page {
  readonly #draw: PageOptions['draw'];
  #ids = 0;

  constructor({ draw }: PageOptions) {
    this.#draw = draw;
  }

  section({ id, title, blocks }: Section): string {
    return `<section id="${id}" aria-labelledby="${id}-heading">\n<h2 id="${id}-heading">${html(title)}</h2>\n${blocks.map((block) => this.#block(block)).join('\n')}\n</section>`;
  }

  #block(block: Block): string {
    switch (block.kind) {
      case 'findings':
        return `<ul class="findings">${block.findings.map(finding).join('')}</ul>`;
      case 'text':
        return `<p>${html(block.text)}</p>`;
      case 'pairs':
        return `<h3>${html(block.caption)}</h3>\n<dl>${block.pairs.map(([name, text]) => `<div><dt>${html(name)}</dt><dd>${html(text)}</dd></div>`).join('')}</dl>`;
      case 'table':
        return this.#table(block.table);
      case 'plots':
        return this.#plots(block);
    }
  } // prettier-ignore

  #table({ caption, head, rows, note }: Table): string {
    const id = this.#id();
    const isRight = (at: number): string => (head[at]?.right === true ? ' class="right"' : '');
    const headings = head.map(({ name }, at) => `<th scope="col"${isRight(at)}>${html(name)}</th>`).join('');
    const body = rows.map((row) => `<tr>${row.map((each, at) => (at === 0 ? `<th scope="row">${cell(each)}</th>` : `<td${isRight(at)}>${cell(each)}</td>`)).join('')}</tr>`);
    // what is wider than the page is scrolled on its own, by the keyboard too
    return `<div class="scroll" role="group" tabindex="0" aria-labelledby="${id}"><table>
<caption id="${id}">${html(caption)}</caption>
<thead><tr>${headings}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div>${note === undefined ? '' : `\n<p class="quiet">${html(note)}</p>`}`;
  } // prettier-ignore

  #plots({ caption, plots, note }: Extract<Block, { readonly kind: 'plots' }>): string {
    const figures = plots.map((plot) => {
      const id = this.#id();
      return `<figure><figcaption><strong>${html(plot.title)}</strong> ${html(plot.summary)}</figcaption>\n${this.#draw(plot, id)}</figure>`;
    });
    const isCompared = plots.some(
      (plot) => (plot.kind === 'histogram' && plot.baseline !== undefined) || (plot.kind === 'bars' && plot.bars.some(({ baseline }) => baseline !== undefined)),
    );
    const key = isCompared ? `<p class="quiet key"><span class="swatch run"></span>filled: this run <span class="swatch baseline"></span>line: baseline</p>\n` : '';
    return `<h3>${html(caption)}</h3>\n${key}<div class="plots">\n${figures.join('\n')}\n</div>${note === undefined ? '' : `\n<p class="quiet">${html(note)}</p>`}`;
  } // prettier-ignore

  #id(): string {
    return `x${++this.#ids}`;
  }
}

function finding({ level, text }: Finding): string {
  const { sign, word } = SIGNS[level];
  return `<li class="${level}"><span class="sign" aria-hidden="true">${sign}</span><span class="heard">${word}: </span>${html(text)}</li>`;
}

function cell(content: Cell): string {
  if (typeof content === 'string') return html(content);
  return `<span class="tag ${content.level}"><span aria-hidden="true">${SIGNS[content.level].sign}</span> ${html(content.text)}</span>`;
}
