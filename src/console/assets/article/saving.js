/*
 * Reading an article from the server, and saving its record: only if nobody
 * else has since it was read.
 */

import { recordOf, same, wrongWith } from './model.js';


const PATIENCE = 3000;             // ms, for explain to know what was saved
const POLL = 250;


const recordAt = (api, id) => api.withQuery('article', { id });


/*
 * { record, etag, wrong }: the former two null where there is none.  wrong says
 * why the record is malformed; "" if it is not.
 */
export async function readRecord(api, id) {
    try {
        const { data, etag } = await api.read(recordAt(api, id));

        return { record: data, etag, wrong: wrongWith(data) };

    } catch (problem) {
        if (problem.kind === 'missing') {
            return { record: null, etag: null, wrong: '' };
        }

        if (problem.etag) {
            return { record: {}, etag: problem.etag, wrong: problem.detail };
        }

        throw problem;
    }
}


export const readExplain = (api, url) =>
    api.get(api.withQuery('explain', { url }));


/*
 * Saves a record, null for none, where the saved one has this etag, null where
 * there is none.  Returns the new etag.
 */
export async function writeRecord(api, id, record, etag) {
    const to = recordAt(api, id);

    if (record === null) {
        if (etag) {
            await api.remove(to, etag);
        }

        return null;
    }

    const answer = etag ? await api.put(to, record, etag)
                        : await api.create(to, record);

    return answer.etag;
}


/*
 * Until explain is of the record with that etag, or it takes too long.  A page
 * is planned anew when it is asked for, so it is: address is where, if it can
 * be reached from here.
 */
export async function explainSaved(api, url, etag, address) {
    const end = Date.now() + PATIENCE;

    await visit(address);

    for (;;) {
        const explain = await readExplain(api, url);

        if (same(bare(explain.record_etag), bare(etag)) || Date.now() > end) {
            return explain;
        }

        await new Promise((done) => setTimeout(done, POLL));
    }
}


/* Nobody's: without cookies it belongs to no reader and no test. */
export async function visit(address) {
    if (address) {
        await fetch(address, { cache: 'no-store', credentials: 'omit' })
            .catch(() => {});
    }
}


const bare = (etag) => etag ? etag.replace(/^(?:W\/)?"|"$/g, '') : null;


/* What is to be saved of the session; undefined: nothing has changed. */
export function wanted(session) {
    const record = recordOf(session.draft);

    return same(record, session.record) ? undefined : record;
}
