/** Natural logarithm of the gamma function, x > 0: Stirling's series (M. Abramowitz and I. Stegun, 6.1.41) beyond 8, and its recurrence below; relative error below 1e-13. */
export function logGamma(x: number): number {
  let [at, product] = [x, 1];
  for (; at < 8; at++) product *= at;
  const square = 1 / (at * at);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - (square * 691) / 360360))))) / at;
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}

/**
 * The chance that a chi-square variable of `degrees` degrees of freedom is at least `x`: the regularised upper incomplete gamma function Q(degrees / 2, x / 2), by its series
 * (A&S 6.5.29) where it is near 1 and by its continued fraction (6.5.31, evaluated as W. Lentz does) where it is small.
 */
export function chiSquareTail(x: number, degrees: number): number {
  const [a, z] = [degrees / 2, x / 2];
  if (z <= 0) return 1;
  const front = Math.exp(a * Math.log(z) - z - logGamma(a));
  return z < a + 1 ? 1 - front * seriesOf(a, z) : front * fractionOf(a, z);
}

const MOST_TERMS = 10_000;
const ENOUGH = 1e-16;

function seriesOf(a: number, z: number): number {
  let [term, total] = [1 / a, 1 / a];
  for (let n = 1; n < MOST_TERMS && term > total * ENOUGH; n++) {
    term *= z / (a + n);
    total += term;
  }
  return total;
}

function fractionOf(a: number, z: number): number {
  let b = z + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < ENOUGH * 10) break;
  }
  return h;
}
