/*
 * The figures of a test: what they say, in words, and as a file.
 *
 * p is the API's, which may be looked at each day: who waits for 5 in 100 is
 * wrong once in twenty tests, however often they looked.
 */

import { wilson } from './chart.js';


const CERTAIN = 0.05;

const number = new Intl.NumberFormat('en-GB');
const whole = new Intl.NumberFormat('en-GB', { style: 'percent' });
const tenths = new Intl.NumberFormat('en-GB', {
    style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1
});
const signed = new Intl.NumberFormat('en-GB', {
    style: 'percent', maximumFractionDigits: 1, signDisplay: 'always'
});


export const count = (n) => number.format(n);

export const rate = (r) => r === null || r === undefined ? '–'
                                                         : tenths.format(r);

export const share = (part) => whole.format(part);

export const lift = (l) => l === null || l === undefined ? '–'
                                                         : signed.format(l);

export const range = (interval) => !interval ? '–'
    : `${rate(interval[0])} to ${rate(interval[1])}`;

export function chance(p) {
    if (p === null || p === undefined) {
        return '–';
    }

    return p < 0.001 ? 'under 0.001' : p.toFixed(3);
}


/* Who gets nothing cannot click it. */
const fair = (results) => ({ variant, metric }) => metric !== 'click'
    || variant !== 'off' && results.control !== 'off';

const quoted = (arm) => arm === 'off' ? 'Nothing' : `“${arm}”`;


/*
 * { kind, title, text, winner }: kind is "empty", "broken", "wait" or "leads";
 * winner the arm that may be made the state of all, or null.
 */
export function verdict(results) {
    const sum = results.variants.reduce((n, { exposures }) => n + exposures, 0);

    if (sum === 0) {
        return { kind: 'empty', title: 'Nobody has been counted yet',
                 winner: null,
                 text: 'A reader counts who had the place in view for a '
                       + 'second, whatever stood there.' };
    }

    if (results.sample_ratio?.broken) {
        return { kind: 'broken', title: 'The split is broken',
                 text: broken(results, sum), winner: null };
    }

    const metric = results.comparisons.some(
        (one) => one.metric === 'click' && fair(results)(one))
        ? 'click' : 'finish';

    return leader(results, metric) ?? waiting(results, metric);
}


function broken(results, sum) {
    const weights = results.variants.reduce((n, { weight }) => n + weight, 0);
    const parts = results.variants.map(({ name, weight, exposures }) =>
        `${quoted(name)} was to get ${share(weight / weights)} of the readers `
        + `and got ${rate(exposures / sum)}`);

    return `${parts.join('; ')}. By chance that happens with p `
           + `${chance(results.sample_ratio.p)}: something loses readers of `
           + 'one part. Decide nothing by these figures.';
}


const RATE = { click: 'click_rate', finish: 'finish_rate' };
const DOES = { click: 'of their readers click', finish: 'read to the end' };


function leader(results, metric) {
    const of = (name) => results.variants.find((one) => one.name === name);
    const against = results.comparisons.filter(
        (one) => one.metric === metric && fair(results)(one));
    const sure = against.filter(({ p }) => p !== null && p < CERTAIN);
    const better = sure.filter((one) => one.lift > 0)
                   .sort((a, b) => b.lift - a.lift)[0];

    if (better) {
        return leads(results, metric, of(better.variant), of(results.control),
                     better);
    }

    return against.length > 0 && sure.length === against.length
        ? leads(results, metric, of(results.control), of(sure[0].variant),
                sure.reduce((a, b) => a.lift > b.lift ? a : b))
        : null;
}


function leads(results, metric, first, second, by) {
    const key = RATE[metric];
    const text = [`${rate(first[key])} ${DOES[metric]}, against `
                  + `${rate(second[key])} with ${quoted(second.name)} `
                  + `(${lift(first[key] / second[key] - 1)}, `
                  + `p ${chance(by.p)}).`];

    const cost = metric === 'click' && results.comparisons.find(
        (one) => one.metric === 'finish' && one.variant === first.name
                 && one.p < CERTAIN && one.lift < 0);

    if (cost) {
        text.push(`But fewer read to the end: ${lift(cost.lift)}.`);
    }

    return { kind: 'leads', title: `${quoted(first.name)} leads`,
             text: text.join(' '), winner: first.name };
}


function waiting(results, metric) {
    const behind = results.comparisons.filter(
        (one) => one.metric === metric && fair(results)(one)
                 && one.p !== null && one.p < CERTAIN && one.lift < 0)
        .map(({ variant }) => quoted(variant));

    const text = behind.length > 0
        ? `${behind.join(' and ')} ${behind.length > 1 ? 'are' : 'is'} behind; `
          + 'between the others nothing is decided.'
        : 'What differs so far may be chance.';

    return { kind: 'wait', title: 'Keep waiting', winner: null,
             text: `${text} You may look as often as you like: the figures `
                   + 'allow for it.' };
}


/*
 * Of each arm the points of a plot, day by day as they add up.  what: "clicks"
 * or "finishes".
 */
export function cumulative(results, arm, days, what) {
    let n = 0;
    let k = 0;

    return days.flatMap((day, at) => {
        const of = results.days.find(
            (one) => one.day === day && one.variant === arm);

        n += of?.exposures ?? 0;
        k += of?.[what] ?? 0;

        const [low, high] = wilson(k, n);

        return n === 0 ? [] : [{ at, rate: k / n, low, high, n, k }];
    });
}


export function csv(results) {
    const rows = [['test', 'day', 'variant', 'exposures', 'clicks', 'finishes'],
                  ...results.days.map((one) => [
                      results.test, one.day, one.variant, one.exposures,
                      one.clicks, one.finishes])];

    return rows.map((row) => row.map(
        (cell) => `"${String(cell ?? '').replace(/"/g, '""')}"`).join(','))
        .join('\r\n') + '\r\n';
}
