// An examiner's total, exact: mark / maximum x weight, summed as fractions of whole numbers and never rounded.

function gcd(a, b) {
  return b === 0n ? a : gcd(b, a % b);
}

function places(denominator) {
  let rest = denominator;
  let twos = 0;
  let fives = 0;
  while (rest % 2n === 0n) {
    rest /= 2n;
    twos += 1;
  }
  while (rest % 5n === 0n) {
    rest /= 5n;
    fives += 1;
  }
  return rest === 1n ? Math.max(twos, fives, 2) : null;
}

/** Elements `{mark, weight, greatest}` in whole hundredths -> "82.125"; a fraction such as "247/3" where decimals never end. */
export function exactTotal(elements) {
  let top = 0n;
  let bottom = 1n;
  for (const { mark, weight, greatest } of elements) {
    const under = 100n * BigInt(greatest);
    top = top * under + BigInt(mark) * BigInt(weight) * bottom;
    bottom *= under;
    const shared = gcd(top, bottom) || 1n;
    top /= shared;
    bottom /= shared;
  }
  const decimals = places(bottom);
  if (decimals === null) return `${top}/${bottom}`;
  const digits = String((top * 10n ** BigInt(decimals)) / bottom).padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
