// From values to places, and where the ticks stand.

class Axis {
  // `isWhole`: ticks at whole numbers only.
  constructor(low, high, { isLogarithmic = false, isWhole = false } = {}) {
    this.isLogarithmic = isLogarithmic;
    this.isWhole = isWhole;
    if (!(high > low)) [low, high] = isLogarithmic ? [low / 10, low * 10] : [low, low + 1];
    [this.low, this.high] = [low, high];
  }

  // The share of the axis below a value, 0 … 1 within it.
  share(value) {
    const scale = this.isLogarithmic ? Math.log10 : (number) => number;
    return (scale(value) - scale(this.low)) / (scale(this.high) - scale(this.low));
  }

  // The value at a share: the inverse.
  value(share) {
    return this.isLogarithmic
      ? this.low * Math.pow(this.high / this.low, share)
      : this.low + share * (this.high - this.low);
  }

  ticks(count) {
    if (this.isLogarithmic) return this.powers(count);
    const step = Axis.step(this.low, this.high, count, this.isWhole);
    const first = Math.ceil(this.low / step - 1e-9);
    const last = Math.floor(this.high / step + 1e-9);
    return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  }

  powers(count) {
    const first = Math.ceil(Math.log10(this.low) - 1e-9);
    const last = Math.floor(Math.log10(this.high) + 1e-9);
    const stride = Math.max(1, Math.ceil((last - first + 1) / count));
    const ticks = [];
    for (let power = first; power <= last; power += stride) ticks.push(Math.pow(10, power));
    return ticks;
  }

  text(value) {
    if (!this.isLogarithmic) return String(Number(value.toPrecision(10)));
    const power = Math.round(Math.log10(value));
    return power >= 0 && power < 4 ? String(Math.round(value)) : `1e${power}`;
  }

  // 1, 2, 2.5 or 5 times a power of ten, so that there are about `count` steps.
  static step(low, high, count, isWhole) {
    const rough = (high - low) / count;
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
    return isWhole ? Math.max(1, Math.round(step)) : step;
  }

  // An axis with room: from 0, unless values are below, to a round number.
  static around(low, high, options) {
    low = Math.min(0, low);
    const step = Axis.step(low, high > low ? high : low + 1, 5, options.isWhole);
    return new Axis(Math.floor(low / step) * step, Math.ceil(high / step - 1e-9) * step, options);
  }
}
