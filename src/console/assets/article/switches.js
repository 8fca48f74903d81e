/*
 * What is said of the article as a whole: is it an opinion piece, what does
 * its disclaimer say, and which features follow the desk.
 */

import { h, fill, set, name } from '../dom.js';
import { FEATURES, NAMES } from './model.js';
import { inWords } from './reasons.js';


export function opinionPart(session) {
    const told = h('p', { class: 'note' });
    const problem = h('p', { class: 'art-problem', id: 'disclaimer-problem' });
    const text = h('textarea', {
        id: 'disclaimer-text', rows: 4, dir: 'auto',
        'data-focus': 'disclaimer-text',
        oninput: () => session.change((draft) => {
            draft.disclaimer = text.value;
        })
    });
    const own = h('div', { class: 'field' },
        h('label', { for: 'disclaimer-text' }, 'Text of this article'),
        text, problem);

    const opinion = choices(session, 'opinion', 'Is it an opinion piece?', [
        [null, 'As the page says'], [true, 'Yes'], [false, 'No']
    ], (draft) => draft.opinion, (draft, value) => {
        draft.opinion = value;
    });

    const disclaimer = choices(session, 'disclaimer', 'Its disclaimer', [
        [null, 'The desk’s text'], ['', 'A text of its own'],
        [false, 'None here']
    ], ({ disclaimer: now }) => typeof now === 'string' ? '' : now,
    (draft, value) => {
        draft.disclaimer = value === '' ? text.value : value;
    });

    session.add(() => {
        const { draft, problems } = session;
        const wrong = problems.get('disclaimer-text');

        if (typeof draft.disclaimer === 'string'
            && text.value !== draft.disclaimer)
        {
            text.value = draft.disclaimer;
        }

        own.hidden = typeof draft.disclaimer !== 'string';
        fill(problem, wrong || '');
        set(text, 'aria-invalid', wrong ? 'true' : null);
        set(text, 'aria-describedby', wrong ? problem.id : null);
        fill(told, nowOf(session));
        opinion.draw();
        disclaimer.draw();
    });

    return h('section', { class: 'art-part card', id: 'art-disclaimer',
                          'aria-labelledby': 'art-disclaimer-title' },
        h('h2', { id: 'art-disclaimer-title' }, 'Opinion and disclaimer'),
        told, opinion.element, disclaimer.element, own);
}


function nowOf({ explain: { placements, refusals } }) {
    const said = [...placements, ...refusals].find(
        ({ feature }) => feature === 'disclaimer');

    return said ? ['As saved: ', inWords(said.reason)]
                : 'As saved: no disclaimer.';
}


/* Radio buttons for one value of the draft: { element, draw }. */

function choices(session, id, legend, list, get, put) {
    const inputs = list.map(([value, words], i) => h('input', {
        type: 'radio', name: `art-${id}`, id: `art-${id}-${i}`,
        'data-focus': `art-${id}-${i}`,
        onchange: () => session.change((draft) => put(draft, value),
                                       `${legend} ${words}. Not saved yet.`)
    }));

    return {
        element: h('fieldset', { class: 'choices' },
            h('legend', {}, legend),
            list.map(([, words], i) => h('label', { class: 'choice' },
                                         inputs[i], h('span', {}, words)))),
        draw: () => list.forEach(([value], i) => {
            inputs[i].checked = get(session.draft) === value;
        })
    };
}


export function featuresPart(session) {
    const controls = FEATURES.map((feature) => [feature, h('select', {
        id: `art-feature-${feature}`, 'data-focus': `art-feature-${feature}`,
        onchange: ({ target }) => session.change((draft) => {
            draft.features[feature] = target.value;
        }, `${NAMES[feature]}: ${target.selectedOptions[0].textContent}. `
           + 'Not saved yet.')
    })]);

    session.add(() => {
        for (const [feature, control] of controls) {
            const now = session.draft.features[feature];

            if (!control.options.length) {
                fill(control, optionsOf(session, feature).map(
                    ([value, words]) => h('option', { value }, words)));
            }

            control.value = now;
        }
    });

    return h('section', { class: 'art-part card', id: 'art-features',
                          'aria-labelledby': 'art-features-title' },
        h('h2', { id: 'art-features-title' }, 'On this article'),
        h('p', { class: 'note' }, 'What is chosen here holds for all of its '
          + 'readers, whatever the desk ', name(session.explain.desk || ''),
          ' does.'),
        controls.map(([feature, control]) => h('div', { class: 'field' },
            h('label', { for: control.id }, NAMES[feature]), control)));
}


function optionsOf(session, feature) {
    const state = session.desk?.features.find(({ name: n }) => n === feature);
    const variants = variantsOf(session, feature);
    const now = session.draft.features[feature];
    const options = [
        ['', `As the desk does${state ? `: ${stateInWords(session.desk, state)}`
                                      : ''}`],
        ['off', 'Off'],
        ...variants.map((variant) => [variant, `On: ${variant}`])
    ];

    if (!options.some(([value]) => value === now)) {
        options.push([now, `${now}, which does not exist`]);
    }

    return options;
}


/* Those of the desk; where that is not known, those that explain names. */

export function variantsOf({ desk, explain }, feature) {
    const state = desk?.features.find(({ name: n }) => n === feature);
    const named = [...explain.placements, ...explain.refusals]
        .filter((o) => o.feature === feature && o.variant)
        .map(({ variant }) => variant);

    return state ? state.variants : [...new Set(named)];
}


function stateInWords({ paused }, { state }) {
    const words = { off: 'off', on: `on, ${state.variant}`, test: 'a test' };

    return paused ? 'paused' : words[state.mode] || 'on';
}
