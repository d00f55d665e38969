/**
 * The style of the page: system fonts, so nothing is loaded; light and dark by the reader's own setting, light on paper. Colours of text have a contrast of at least
 * 4.5 to 1 against what they stand on, those of plots 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
 */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --raised: #f6f7f9; --ink: #1b1f24; --quiet: #57606a; --line: #d5dae0;
  --run: #3f7fbf; --baseline: #a63d00; --good: #1a6b34; --warning: #8a4600; --failed: #b3161d; --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #12161b; --raised: #1b2027; --ink: #e7eaee; --quiet: #a3adb8; --line: #39424d;
    --run: #5b9bd8; --baseline: #ffb27a; --good: #7fd695; --warning: #f2b366; --failed: #ff8f8f; --link: #86bff5; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem clamp(0.75rem, 3vw, 2rem) 3rem; background: var(--paper); color: var(--ink);
  font: 0.95rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0 0 0.5rem; font-size: 1.7rem; line-height: 1.2; }
h2 { margin: 2rem 0 0.5rem; padding-top: 0.75rem; border-top: 1px solid var(--line); font-size: 1.25rem; }
h3, caption { margin: 1rem 0 0.4rem; padding: 0; font-size: 1rem; font-weight: 600; text-align: left; }
.brand { margin: 0; color: var(--quiet); font-size: 0.85rem; letter-spacing: 0.03em; text-transform: uppercase; }
.quiet, footer { color: var(--quiet); font-size: 0.85rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; margin: 0; padding: 0; list-style: none; }
a { color: var(--link); }
a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.findings { display: grid; gap: 0.4rem; margin: 0 0 1rem; padding: 0; list-style: none; }
.findings li { padding: 0.45rem 0.75rem; border: 1px solid var(--line); border-left: 0.3rem solid currentColor; border-radius: 0.3rem; background: var(--raised); }
.sign { display: inline-block; width: 1.3em; font-weight: 700; }
.good { color: var(--good); } .warning { color: var(--warning); } .failed { color: var(--failed); } .note { color: var(--ink); }
.heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
dl { margin: 0; }
dl div { display: grid; grid-template-columns: minmax(6rem, 10rem) 1fr; gap: 0 1rem; padding: 0.2rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); } dd { margin: 0; }
.scroll { overflow-x: auto; margin-top: 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: 0.25rem 0.9rem 0.25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; white-space: pre-wrap; }
th[scope="row"] { min-width: 9rem; max-width: 24rem; font-weight: 500; overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-weight: 500; vertical-align: bottom; }
.right { text-align: right; white-space: nowrap; }
.tag { white-space: nowrap; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; padding: 0.6rem 0.7rem; border: 1px solid var(--line); border-radius: 0.3rem; break-inside: avoid; }
figcaption { margin-bottom: 0.3rem; color: var(--quiet); font-size: 0.85rem; }
figcaption strong { display: block; color: var(--ink); font-size: 0.95rem; }
.plot { display: block; width: 100%; height: auto; overflow: visible; font-family: inherit; }
.plot text { white-space: pre; }
.plot .run, .swatch.run { fill: var(--run); stroke: none; background: var(--run); }
.plot .baseline { fill: none; stroke: var(--baseline); }
.plot .trend { fill: none; stroke: var(--run); }
.plot .failed { fill: none; stroke: var(--failed); }
.swatch { display: inline-block; width: 1.1rem; height: 0.75rem; margin: 0 0.35rem 0 0.9rem; vertical-align: -0.08rem; }
.swatch:first-child { margin-left: 0; }
.swatch.baseline { height: 0; border-top: 0.16rem solid var(--baseline); vertical-align: 0.22rem; }
@media (min-width: 36rem) { caption { white-space: nowrap; } }
@media (max-width: 36rem) { dl div { grid-template-columns: 1fr; } }
@media print {
  :root { color-scheme: light; --paper: #fff; --raised: #fff; --ink: #000; --quiet: #444; --line: #bbb;
    --run: #3f7fbf; --baseline: #a63d00; --good: #1a6b34; --warning: #8a4600; --failed: #b3161d; --link: #000; }
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav { display: none; }
  .scroll { overflow: visible; }
  .plots { grid-template-columns: repeat(3, 1fr); }
  h2, h3, caption { break-after: avoid; }
  tr, .findings li, dl div { break-inside: avoid; }
  thead { display: table-header-group; break-after: avoid; }
  tbody tr:nth-child(-n+3), tbody tr:nth-last-child(-n+2) { break-before: avoid; }
  #digests { break-inside: avoid; }
  .plot .run, .swatch, .findings li { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
