"use strict";
// Verification of Ed25519 signatures (RFC 8032 §5.1.7) in integers: not every browser has it built in.
const Ed25519 = (() => {
  const P = 2n ** 255n - 19n;
  const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
  const mod = (value) => ((value % P) + P) % P;
  const power = (base, exponent) => {
    let found = 1n;
    for (base = mod(base); exponent; exponent >>= 1n) {
      if (exponent & 1n) found = mod(found * base);
      base = mod(base * base);
    }
    return found;
  };
  const D = mod(-121665n * power(121666n, P - 2n));
  const ROOT = power(2n, (P - 1n) / 4n);
  const number = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

  const sum = (one, two) => {
    const a = mod((one[1] - one[0]) * (two[1] - two[0]));
    const b = mod((one[1] + one[0]) * (two[1] + two[0]));
    const c = mod(2n * one[3] * two[3] * D);
    const d = mod(2n * one[2] * two[2]);
    const [e, f, g, h] = [b - a, d - c, d + c, b + a];
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  };
  const times = (scalar, point) => {
    let found = [0n, 1n, 1n, 0n];
    for (; scalar; scalar >>= 1n) {
      if (scalar & 1n) found = sum(found, point);
      point = sum(point, point);
    }
    return found;
  };
  const decompressed = (bytes) => {
    const whole = number(bytes);
    const sign = whole >> 255n;
    const y = whole & ((1n << 255n) - 1n);
    if (y >= P) return null;
    const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
    let x = power(square, (P + 3n) / 8n);
    if (mod(x * x - square)) x = mod(x * ROOT);
    if (mod(x * x - square) || (x === 0n && sign)) return null;
    if ((x & 1n) !== sign) x = P - x;
    return [x, y, 1n, mod(x * y)];
  };
  const compressed = (point) => {
    const inverse = power(point[2], P - 2n);
    let whole = mod(point[1] * inverse) | ((mod(point[0] * inverse) & 1n) << 255n);
    return Uint8Array.from({ length: 32 }, () => {
      const byte = Number(whole & 255n);
      whole >>= 8n;
      return byte;
    });
  };

  async function verify(key, message, signature) {
    if (key.length !== 32 || signature.length !== 64) return false;
    const point = decompressed(key);
    const scalar = number(signature.slice(32));
    if (!point || scalar >= ORDER) return false;
    const hashed = new Uint8Array([...signature.slice(0, 32), ...key, ...message]);
    const challenge = number(new Uint8Array(await crypto.subtle.digest("SHA-512", hashed))) % ORDER;
    const base = Uint8Array.from({ length: 32 }, (_, at) => (at ? 0x66 : 0x58));
    const found = compressed(sum(times(scalar, decompressed(base)), times(challenge, [P - point[0], point[1], point[2], P - point[3]])));
    return found.every((byte, at) => byte === signature[at]);
  }
  return { verify };
})();
