// Made text within written text.

/**
 * Puts `texts.NAME` between `<!-- bench: NAME -->` and the next `<!-- bench: end -->`, wherever a text has that pair. Throws where it has none, or
 * one that is not known or not closed: a table that silently stays as it was would be a false one.
 */
export function fillMarks(text, texts) {
  const pieces = text.split(/(<!-- bench: [a-z]+ -->)/);
  if (pieces.length === 1) throw new Error('no <!-- bench: NAME --> to fill');
  let filled = pieces[0];
  for (let at = 1; at < pieces.length; at += 4) {
    const [open, , close, after] = pieces.slice(at, at + 4);
    const name = open.slice('<!-- bench: '.length, -' -->'.length);
    if (texts[name] === undefined) throw new Error(`${open}: there is ${Object.keys(texts).join(' and ')}`);
    if (close !== '<!-- bench: end -->') throw new Error(`${open} is not closed by <!-- bench: end -->`);
    filled += `${open}\n\n${texts[name]}\n\n${close}${after}`;
  }
  return filled;
}
