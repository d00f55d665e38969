// CSV as people write it: numbers in all their notations, gaps, quotes, line ends of every kind. Drawn from a seeded generator.

/** Columns that the models of the CSV target read, by kind. */
const COLUMNS = [
  [['float', 'number'], ['double', 'number'], ['int64', 'whole'], ['int32', 'whole'], ['bool', 'flag'], ['string', 'text']],
  [['f1', 'number'], ['id', 'text']],
  [
    ['longitude', 'number'], ['latitude', 'number'], ['housing_median_age', 'number'], ['total_rooms', 'number'], ['total_bedrooms', 'number'],
    ['population', 'number'], ['households', 'number'], ['median_income', 'number'], ['median_house_value', 'number'], ['ocean_proximity', 'text'],
  ],
  [
    ['age', 'whole'], ['workclass', 'text'], ['fnlwgt', 'whole'], ['education', 'text'], ['education_num', 'whole'], ['marital_status', 'text'], ['occupation', 'text'],
    ['relationship', 'text'], ['race', 'text'], ['sex', 'text'], ['capital_gain', 'whole'], ['capital_loss', 'whole'], ['hours_per_week', 'whole'], ['native_country', 'text'],
  ],
]; // prettier-ignore

const WORDS = ['', ' ', 'a', 'Private', ' Private', 'Self-emp-not-inc', 'NEAR BAY', 'NA', 'null', 'größe', '東京', '😀', 'say "hi"', 'a,b', 'a;b', "it's", 'x\ty', 'two\nlines', 'cr\rhere', '-', '\\', '0'.repeat(40), 'a'.repeat(300)]; // prettier-ignore
const ODD_NUMBERS = ['', ' ', 'nan', 'NaN', '-inf', 'Infinity', '1e400', '-1e-400', '4.9e-324', '1.7976931348623157e308', '1.7976931348623159e308', '9007199254740993', '-9223372036854775808', '9223372036854775807', '9223372036854775808', '2147483648', '.5', '5.', '.', '-', '+', '+7', '007', '-0', '1e', '1e5', '1E+05', '1e-5.', '0x1F', '1_000', '1,5', '1,000.5', '12%', '3.4028235677973366e38', '1.00000017881393432617187499', ' 3 ', '\t4', '\u00a05', '1 2', '٣']; // prettier-ignore
const ODD_FLAGS = ['true', 'false', 'TRUE', 'False', '1', '0', 't', 'yes', '', '01', '1.0'];

/** A table as text, with a delimiter of its own and a header; `delimiter` and `comma` (decimal) as drawn by the options. */
export function drawTable(random, { delimiter, comma, header }) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const columns = pick(COLUMNS);
  const end = pick(['\n', '\n', '\n', '\r\n', '\r']);
  const quoteAll = random() < 0.15;
  const gaps = random() < 0.3 ? random() * 0.3 : 0.01;
  const odd = random() < 0.5 ? 0 : random() * 0.2;
  const rows = Math.floor(random() ** 3 * 400);
  const names = columns.map(([name]) => name);
  const lines = header ? [names.map((name) => cellText(name, false)).join(delimiter)] : [];
  for (let row = 0; row < rows; row++) {
    const cells = columns.map(([, kind]) => cellText(random() < gaps ? '' : random() < odd ? oddOf(kind) : plainOf(kind), quoteAll));
    if (random() < 0.003) cells.pop();
    if (random() < 0.003) cells.push('more');
    lines.push(cells.join(delimiter));
    if (random() < 0.003) lines.push('');
  }
  return { names, text: lines.join(end) + (random() < 0.8 ? end : '') };

  function cellText(text, all) {
    const needs = all || text.includes(delimiter) || /["\r\n]/.test(text) || random() < 0.01;
    return needs && random() < 0.995 ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function plainOf(kind) {
    if (kind === 'text') return pick(WORDS.slice(2, 8));
    if (kind === 'flag') return pick(['true', 'false', '1', '0']);
    if (kind === 'whole') return String(Math.floor((random() - 0.3) * 10 ** Math.floor(random() * 10)));
    const value = (random() - 0.4) * 10 ** Math.floor(random() * 40 - 20);
    const text = pick([() => value.toString(), () => value.toFixed(2), () => value.toPrecision(17), () => Math.fround(value).toString(), () => value.toExponential(), () => Math.round(random() * 1000) / 8])();
    return comma ? String(text).replace('.', ',') : String(text);
  }

  function oddOf(kind) {
    return kind === 'text' ? pick(WORDS) : kind === 'flag' ? pick(ODD_FLAGS) : pick(ODD_NUMBERS);
  }
} // prettier-ignore
