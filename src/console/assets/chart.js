/*
 * A rate over time, as it adds up: a line for each arm, and around it where the
 * true rate may lie, given so few readers.
 *
 *     points: [{ at, rate, low, high }]      at counts days from 0
 *
 * Drawn at the size that it is shown at, so that letters stay letters.  It is a
 * picture of a table that stands beside it, and hidden from those who have
 * that read to them.
 */

import { fill, svg } from './dom.js';
import { armTitle } from './words.js';


const HEIGHT = 300;
const LEFT = 52;
const RIGHT = 92;
const TOP = 14;
const BOTTOM = 34;
const LINE = 16;              // of a name beside a line's end
const DASHES = [null, '9 4', '3 3', '12 4 3 4', '1 4', '7 3 1 3'];


/* Wilson's interval, of 95 in 100: what part of n, k being of it, may be. */
export function wilson(k, n) {
    const z = 1.959964;

    if (n === 0) {
        return [0, 1];
    }

    const p = k / n;
    const middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const half = z / (1 + z * z / n)
                 * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));

    return [Math.max(0, middle - half), Math.min(1, middle + half)];
}


/* Steps that people count in, some four from low to high, and around them. */
function ticks(low, high) {
    const raw = Math.max(high - low, 1e-4) / 4;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 2.5, 5, 10].map((n) => n * power)
                 .find((n) => n >= raw - 1e-12);
    const first = Math.floor(low / step + 1e-9);
    const last = Math.ceil(high / step - 1e-9);

    return Array.from({ length: last - first + 1 },
                      (_, i) => (first + i) * step);
}


/* Where the lines lie once they have settled. */
function span(series) {
    const late = series.flatMap(
        ({ points }) => points.slice(Math.floor(points.length / 3)));

    return [Math.min(...late.map(({ low }) => low)),
            Math.max(...late.map(({ high }) => high))];
}


const percent = (rate) => `${+(100 * rate).toFixed(2)}%`;


/* The names at the lines' ends, moved until none lies on another. */
function labels(series, y, x) {
    const ends = series.filter(({ points }) => points.length > 0)
        .map((one) => ({ ...one, y: y(one.points.at(-1).rate) }))
        .sort((a, b) => a.y - b.y);

    for (let i = 1; i < ends.length; i++) {
        ends[i].y = Math.max(ends[i].y, ends[i - 1].y + LINE);
    }

    return ends.map((end) => svg('text', {
        x: x + 8, y: end.y + 4, class: `chart-arm ${end.color}`
    }, armTitle(end.arm)));
}


function shape({ color, dash, points }, x, y) {
    const path = (of) => of.map(([px, py], i) =>
        `${i ? 'L' : 'M'}${px.toFixed(1)} ${py.toFixed(1)}`).join('');
    const line = points.map(({ at, rate }) => [x(at), y(rate)]);
    const band = [...points.map(({ at, high }) => [x(at), y(high)]),
                  ...points.map(({ at, low }) => [x(at), y(low)]).reverse()];
    const last = line.at(-1);

    return svg('g', { class: color },
        points.length > 1
            ? [svg('path', { class: 'chart-band', d: `${path(band)}Z` }),
               svg('path', { class: 'chart-line', d: path(line),
                             'stroke-dasharray': dash })]
            : points.map(({ at, low, high }) => svg('line', {
                class: 'chart-line', x1: x(at), x2: x(at),
                y1: y(low), y2: y(high) })),
        last && svg('circle', { class: 'chart-dot', cx: last[0], cy: last[1],
                                r: 4 }));
}


function draw(root, width, series, days) {
    const marks = ticks(...span(series));
    const [min, max] = [marks[0], marks.at(-1)];
    const last = Math.max(days.length - 1, 1);
    const right = width - RIGHT;

    const x = (at) => LEFT + (right - LEFT) * (days.length > 1 ? at / last
                                                               : 0.5);
    const y = (rate) => HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP)
        * (Math.max(min, Math.min(rate, max)) - min) / (max - min);

    const room = Math.max(1, Math.floor((right - LEFT) / 70));
    const every = Math.ceil(days.length / room);

    root.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);

    fill(root,
         marks.map((rate) => [
             svg('line', { class: 'chart-grid', x1: LEFT, x2: right,
                           y1: y(rate), y2: y(rate) }),
             svg('text', { class: 'chart-text', x: LEFT - 8, y: y(rate) + 4,
                           'text-anchor': 'end' }, percent(rate))
         ]),
         days.map((day, i) => i % every === 0 && svg(
             'text', { class: 'chart-text', x: x(i), y: HEIGHT - 10,
                       'text-anchor': 'middle' }, short(day))),
         series.map((one, i) => shape(
             { ...one, dash: DASHES[i % DASHES.length] }, x, y)),
         labels(series, y, right));
}


const dayMonth = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric', month: 'short', timeZone: 'UTC'
});

function short(day) {
    const at = new Date(day);

    return isNaN(at) ? String(day) : dayMonth.format(at);
}


/* series: [{ arm, color, points }]; days: the names of the points' at. */
export function chart(series, days) {
    const root = svg('svg', { class: 'chart', 'aria-hidden': 'true',
                              height: HEIGHT });

    new ResizeObserver(([{ contentRect }]) => {
        if (contentRect.width > 0) {
            draw(root, Math.round(contentRect.width), series, days);
        }
    }).observe(root);

    return root;
}
