// A chart's axis: the map from values to positions, and its ticks.

class Axis {
  // `isWhole`: ticks at integers only. `first`: the smallest positive count of a logarithmic axis of counts; a lower end
  // below it is 0, which is drawn before a gap.
  constructor(low, high, { isLogarithmic = false, isWhole = false, first = null } = {}) {
    this.isLogarithmic = isLogarithmic;
    this.isWhole = isWhole;
    this.first = isLogarithmic && first !== null && low < first ? first : null;
    if (this.first !== null) {
      [this.low, this.high] = [0, high > first ? high : 10 * first];
      return;
    }
    if (!(high > low)) [low, high] = isLogarithmic ? [low / 10, low * 10] : [low, low + 1];
    [this.low, this.high] = [low, high];
  }

  // The distance from 0 to the smallest positive count, as a fraction of the axis.
  static gap = 0.09;

  // The position of a value as a fraction of the axis: 0 at its start, 1 at its end.
  fraction(value) {
    if (this.first !== null) {
      return value > 0 ? Axis.gap + (1 - Axis.gap) * Math.log10(value / this.first) / Math.log10(this.high / this.first) : 0;
    }
    const scale = this.isLogarithmic ? Math.log10 : (number) => number;
    return (scale(value) - scale(this.low)) / (scale(this.high) - scale(this.low));
  }

  // The value at a fraction of the axis, the inverse of `fraction`.
  value(fraction) {
    if (this.first !== null) {
      if (fraction < Axis.gap) return 0;
      return this.first * Math.pow(this.high / this.first, (fraction - Axis.gap) / (1 - Axis.gap));
    }
    return this.isLogarithmic
      ? this.low * Math.pow(this.high / this.low, fraction)
      : this.low + fraction * (this.high - this.low);
  }

  ticks(count) {
    if (this.first !== null) return [0, ...new Axis(this.first, this.high, { isLogarithmic: true }).ticks(count)];
    if (this.isLogarithmic) return this.powers(count);
    const step = Axis.step(this.low, this.high, count, this.isWhole);
    const first = Math.ceil(this.low / step - 1e-9);
    const last = Math.floor(this.high / step + 1e-9);
    return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  }

  // Ticks of a logarithmic axis: powers of ten; 1, 2 and 5 times these below two decades; equal steps below a factor of 4.
  powers(count) {
    if (this.high / this.low < 4) {
      const step = Axis.step(this.low, this.high, count, false);
      const ticks = [];
      for (let tick = Math.ceil(this.low / step) * step; tick <= this.high; tick += step) ticks.push(tick);
      return ticks;
    }
    if (this.high / this.low < 100) {
      const ticks = [];
      for (let power = Math.floor(Math.log10(this.low)); power <= Math.log10(this.high); power += 1) {
        ticks.push(...[1, 2, 5].map((factor) => factor * Math.pow(10, power)));
      }
      return ticks.filter((tick) => tick >= this.low && tick <= this.high);
    }
    const first = Math.ceil(Math.log10(this.low) - 1e-9);
    const last = Math.floor(Math.log10(this.high) + 1e-9);
    const stride = Math.max(1, Math.ceil((last - first + 1) / count));
    const ticks = [];
    for (let power = first; power <= last; power += stride) ticks.push(Math.pow(10, power));
    return ticks;
  }

  text(value) {
    if (!this.isLogarithmic || value === 0 || (value >= 1e-2 && value < 1e4)) return String(Number(value.toPrecision(10)));
    return Number(value.toPrecision(3)).toExponential();
  }

  // A step of 1, 2, 2.5 or 5 times a power of ten that divides the axis into about `count` parts.
  static step(low, high, count, isWhole) {
    const rough = (high - low) / count;
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
    // A range shorter than 1 may contain no integer.
    return isWhole && high - low >= 1 ? Math.max(1, Math.round(step)) : step;
  }

  // An axis from 0, or from below the smallest negative value, to a round number.
  static around(low, high, options) {
    low = Math.min(0, low);
    const step = Axis.step(low, high > low ? high : low + 1, 5, options.isWhole);
    return new Axis(Math.floor(low / step) * step, Math.ceil(high / step - 1e-9) * step, options);
  }
}
