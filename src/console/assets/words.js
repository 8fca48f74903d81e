/*
 * What states mean, in words for editors, and the arithmetic of shares.
 *
 * A feature is one of the API's: name, variants, control, state.  Shares are
 * whole percents by arm, an arm being a variant or "off"; those of a test add
 * up to 100.
 */

const FEATURES = {
    read_more: { title: 'Read More boxes', all: 'Read More boxes' },
    pull_quote: { title: 'Pull quotes', all: 'pull quotes' },
    disclaimer: { title: 'Disclaimer', all: 'the disclaimer' }
};

const FRACTIONS = {
    80: 'four in five', 75: 'three quarters', 67: 'two thirds',
    66: 'two thirds', 60: 'three in five', 50: 'half', 40: 'two in five',
    34: 'a third', 33: 'a third', 30: 'three in ten', 25: 'a quarter',
    20: 'one in five', 10: 'one in ten', 5: 'one in twenty',
    1: 'one in a hundred'
};


const of = (name) => FEATURES[name] ?? { title: name, all: name };

export const title = (name) => of(name).title;

/* An arm, as it is called where arms are listed. */
export const armTitle = (arm) => arm === 'off' ? 'nothing' : arm;

export const arms = (feature) => [...feature.variants, 'off'];


/* Weights of any kind as shares. */
export function shares(weights, of) {
    const sum = of.reduce((n, arm) => n + (weights[arm] ?? 0), 0);

    return round(Object.fromEntries(of.map(
        (arm) => [arm, sum === 0 ? 100 / of.length
                                 : 100 * (weights[arm] ?? 0) / sum])), 100);
}


/* Numbers that add up to sum as whole ones that do: the largest remainders are
   rounded up. */
export function round(exact, sum) {
    const whole = Object.fromEntries(Object.entries(exact).map(
        ([arm, n]) => [arm, Math.floor(n + 1e-9)]));
    const left = Object.keys(exact).sort(
        (a, b) => exact[b] - whole[b] - (exact[a] - whole[a]));

    let missing = sum - Object.values(whole).reduce((a, b) => a + b, 0);

    for (let i = 0; missing > 0; i = (i + 1) % left.length) {
        whole[left[i]] += 1;
        missing -= 1;
    }

    return whole;
}


/*
 * One arm's share becomes n, and the others give or take what that needs, in
 * the proportion they have.
 */
export function move(now, arm, n) {
    const share = Math.min(100, Math.max(0, Math.round(n) || 0));
    const others = Object.keys(now).filter((other) => other !== arm);
    const had = others.reduce((sum, other) => sum + now[other], 0);

    const exact = Object.fromEntries(others.map(
        (other) => [other, had === 0 ? (100 - share) / others.length
                                     : (100 - share) * now[other] / had]));

    const rest = round(exact, 100 - share);

    return Object.fromEntries(Object.keys(now).map(
        (other) => [other, other === arm ? share : rest[other]]));
}


/* Fractions where each share is one that has a word, else percents. */
function parts(by) {
    const worded = by.every((share) => FRACTIONS[share]);

    return by.map((share) => worded ? FRACTIONS[share] : `${share}%`);
}


const capital = (text) => text[0].toUpperCase() + text.slice(1);


/* What an arm's readers see; again: it was said before what it is all about. */
function seen(feature, arm, again = false) {
    const { all } = of(feature.name);

    if (arm === 'off') {
        return again ? 'see none' : `see no ${all.replace(/^the /, '')}`;
    }

    if (feature.variants.length === 1) {
        return `see ${again ? 'them' : all}`;
    }

    return again ? `as “${arm}”` : `see ${all} as “${arm}”`;
}


function split(feature, state) {
    const known = arms(feature);
    const all = known.concat(Object.keys(state.weights ?? {}).filter(
        (arm) => !known.includes(arm)));
    const by = shares(state.weights ?? {}, all);

    const given = all.filter((arm) => by[arm] > 0);

    if (given.length === 1) {
        return capital(`all readers ${seen(feature, given[0])}.`);
    }

    const who = parts(given.map((arm) => by[arm]));
    const said = given.map((arm, i) => i === 0
        ? `${who[0]} of the readers ${seen(feature, arm)}`
        : `${who[i]} ${seen(feature, arm, true)}`);

    return capital(`${said.join(', ')}.`);
}


/* While a state is in force, whatever its times are. */
export function effect(feature, state) {
    switch (state.mode) {
    case 'off':
        return `Readers ${seen(feature, 'off')}.`;
    case 'on':
        return `All readers ${seen(feature, state.variant)}.`;
    default:
        return split(feature, state);
    }
}


/* "before", "during" or "after" the times of a state. */
export function phase(state, now = Date.now()) {
    if (state.starts && Date.parse(state.starts) > now) {
        return 'before';
    }

    return state.ends && Date.parse(state.ends) <= now ? 'after' : 'during';
}


/* What readers see now. */
export function effectNow(feature, state, now) {
    return phase(state, now) === 'during'
        ? effect(feature, state)
        : effect(feature, { mode: 'on', variant: feature.control });
}


/* And what is to come of it, or has: a list of [word, time,
   text]. */
export function effectLater(feature, state, now) {
    const control = effect(feature, { mode: 'on', variant: feature.control });

    switch (phase(state, now)) {
    case 'before':
        return [['From', state.starts, effect(feature, state)]]
               .concat(state.ends ? [['From', state.ends, control]] : []);
    case 'after':
        return [['Until', state.ends, effect(feature, state)]];
    default:
        return state.ends ? [['From', state.ends, control]] : [];
    }
}


/* The very same decision?  Times are compared as times. */
export function same(feature, a, b) {
    const key = (state) => JSON.stringify([
        state.mode, state.mode === 'on' && state.variant,
        state.mode === 'test' && [shares(state.weights, arms(feature)),
                                  state.id ?? null],
        Date.parse(state.starts) || 0, Date.parse(state.ends) || 0
    ]);

    return key(a) === key(b);
}
