/*
 * Sliders that always add up to 100: one moves, and the others make room.
 */

import { h, fill, button, uid } from './dom.js';
import { armTitle, move, shares } from './words.js';


/*
 * given: shares by arm; told(shares) is called with each change.  Of each arm
 * there are a slider and a number, for those who know it.
 */
export function splitter(given, told) {
    const rows = new Map();
    const bar = h('div', { class: 'bar', 'aria-hidden': 'true' });

    let now = given;

    function change(to) {
        now = to;
        draw();
        told(now);
    }

    function draw() {
        for (const [arm, { slider, number, part }] of rows) {
            slider.value = now[arm];
            slider.setAttribute('aria-valuetext', `${now[arm]}%`);

            if (document.activeElement !== number
                || Number(number.value) !== now[arm])
            {
                number.value = now[arm];
            }

            part.style.flexGrow = now[arm];
        }
    }

    function row(arm, i) {
        const color = arm === 'off' ? 'arm-off' : `arm-${i % 6}`;
        const label = h('span', { id: uid('arm'),
                                  class: `split-arm arm ${color}` },
                        h('bdi', {}, armTitle(arm)));
        const set = ({ target }) => {
            if (target.value !== '') {
                change(move(now, arm, Number(target.value)));
            }
        };

        const slider = h('input', { type: 'range', min: 0, max: 100, step: 1,
                                    'aria-labelledby': label.id,
                                    oninput: set });
        const number = h('input', { type: 'number', min: 0, max: 100, step: 1,
                                    'aria-label': `${armTitle(arm)}, percent`,
                                    oninput: set,
                                    onblur: () => { number.value = now[arm]; } });
        const part = h('span', { class: `part ${color}` });

        rows.set(arm, { slider, number, part });
        bar.append(part);

        return h('div', { class: 'split-row' }, label, slider,
                 h('span', { class: 'percent' }, number, '%'));
    }

    const list = Object.keys(now).map(row);
    const evenly = button('Split evenly', () => change(
        shares({}, Object.keys(now))), { class: 'quiet' });

    draw();

    return fill(h('fieldset', { class: 'split' }),
                h('legend', {}, 'Who sees what'), bar, list, evenly);
}
