/*
 * Follows a change to all servers: those that share a Redis each tell what
 * they hold, as a digest over all desks.  The change is everywhere when all
 * tell the same, and none what any told before it.
 *
 *     const before = await told(api);
 *     ... the change ...
 *     await spread(api, before, (text, kind) => ..., () => true);
 */

const PAUSE = 400;            // ms, between two looks
const PATIENCE = 15000;       // ms, until it is said that one is late


const sleep = (ms) => new Promise((done) => setTimeout(done, ms));


/* The servers; null where they cannot be asked for, or there are none. */
async function servers(api) {
    try {
        const { servers: list } = await api.get('status');

        return list?.length ? list : null;
    } catch {
        return null;
    }
}


/* What they hold, before a change. */
export async function told(api) {
    return new Set((await servers(api))?.map(({ states }) => states));
}


function behind(list, before) {
    const first = list.find(({ states }) => !before.has(states));

    return first === undefined
        ? list : list.filter(({ states }) => states !== first.states);
}


function words(late, list) {
    const n = list.length;

    if (late.length === 0) {
        return n === 1 ? 'The server has it.' : `All ${n} servers have it.`;
    }

    return n === 1 ? 'On its way to the server.'
                   : `${n - late.length} of ${n} servers have it.`;
}


/*
 * say(text, kind) is called as it goes, kind being "going", "done" or "late".
 * wanted() is false when nobody wants to know any more.
 */
export async function spread(api, before, say, wanted) {
    const end = Date.now() + PATIENCE;

    if (before.size === 0) {
        return;
    }

    while (wanted()) {
        const list = await servers(api);
        const late = list && behind(list, before);

        if (!wanted()) {
            return;
        }

        if (late?.length === 0) {
            say(words(late, list), 'done');
            return;
        }

        if (Date.now() > end) {
            say(late ? `${words(late, list)} Not yet: `
                       + late.map(({ name }) => name).join(', ')
                     : 'It is not known which servers have it.', 'late');
            return;
        }

        if (late) {
            say(words(late, list), 'going');
        }

        await sleep(PAUSE);
    }
}
