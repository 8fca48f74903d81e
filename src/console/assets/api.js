/*
 * The API of this console: JSON, by addresses that are relative to the page.
 *
 *     const { data, etag } = await api.read('desks/opinion/read_more');
 *     await api.put('desks/opinion/read_more', state, etag);
 *
 * What goes wrong is thrown as a Problem, whose kind says what an editor can
 * do about it:
 *
 *     offline    no answer: the network, or the server
 *     away       503: Redis cannot be asked, nothing was changed
 *     conflict   412: someone else was faster
 *     missing    404
 *     refused    401 and 403
 *     failed     anything else
 *
 * api.watch(listener) is told of each call's end, by the kind of its problem,
 * null where it has none, and by its method.
 */

const BASE = new URL('api/', document.baseURI);
const PATIENCE = 15000;       // ms, for an answer

const KINDS = {
    401: 'refused', 403: 'refused', 404: 'missing', 412: 'conflict',
    503: 'away'
};

const listeners = [];
const early = new Map();


export class Problem extends Error {
    constructor(status, title, detail, etag = null) {
        super(detail || title);

        this.status = status;
        this.title = title;
        this.detail = detail || title;
        this.etag = etag;           // of what could not be answered with
        this.kind = status === 0 ? 'offline' : KINDS[status] ?? 'failed';
    }
}


/* A path of the API, of segments that may hold anything. */
export function path(...segments) {
    return segments.map(encodeURIComponent).join('/');
}


/*
 * query: names and values, of which those that are empty are left out.  To
 * nginx, "+" is no space.
 */
export function withQuery(to, query) {
    const given = Object.entries(query).filter(
        ([, value]) => value !== undefined && value !== null && value !== '');

    return given.length === 0
        ? to : `${to}?${new URLSearchParams(given)}`.replaceAll('+', '%20');
}


/* etag: that of what is to be changed; null: there must be nothing yet */
async function call(method, to, { body, etag } = {}) {
    const headers = { Accept: 'application/json, application/problem+json' };

    if (body !== undefined) {
        headers['Content-Type'] = 'application/json';
    }

    if (etag) {
        headers['If-Match'] = etag;

    } else if (etag === null) {
        headers['If-None-Match'] = '*';
    }

    try {
        const answer = await ask(new URL(to, BASE), {
            method, headers, cache: 'no-store',
            body: body === undefined ? undefined : JSON.stringify(body)
        });

        tell(null, method);

        return answer;

    } catch (problem) {
        tell(problem.kind, method);
        throw problem;
    }
}


async function ask(url, options) {
    let response, text;

    try {
        response = await fetch(url, {
            ...options, signal: AbortSignal.timeout(PATIENCE)
        });
        text = await response.text();

    } catch {
        throw new Problem(0, 'No answer', 'The server does not answer.');
    }

    const data = parse(text);

    if (!response.ok) {
        throw refusal(response, data);
    }

    if (data === undefined && text !== '') {
        throw new Problem(401, 'Signed out', 'Something else than the console '
                          + 'has answered. You may have been signed out: '
                          + 'reload the page in another tab.');
    }

    return { data, etag: response.headers.get('ETag') };
}


/* Of the API, or of what stands before it, which knows nothing of Redis. */
function refusal({ status, statusText, headers }, data) {
    const problem = new Problem(status, data?.title ?? `Error ${status}`,
                                data?.detail ?? statusText,
                                headers.get('ETag'));

    if (status === 503 && data?.detail === undefined) {
        problem.kind = 'failed';
        problem.detail = 'The server is too busy. Nothing was changed: try '
                         + 'again.';
    }

    return problem;
}


/* undefined: it is no JSON */
function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}


function tell(kind, method) {
    listeners.forEach((listener) => listener(kind, method));
}


/* Asks now for what a view is going to read, while it is still on its way. */
function ahead(to) {
    const answer = call('GET', to);

    answer.catch(() => {});
    early.set(to, answer);
}


function read(to) {
    const answer = early.get(to) ?? call('GET', to);

    early.delete(to);

    return answer;
}


export const api = {
    path,
    withQuery,
    ahead,

    /* each: { data, etag } */
    read,
    put: (to, body, etag) => call('PUT', to, { body, etag }),
    create: (to, body) => call('PUT', to, { body, etag: null }),
    post: (to, body) => call('POST', to, { body }),
    remove: (to, etag) => call('DELETE', to, { etag }),

    /* only what it says */
    get: async (to) => (await read(to)).data,

    watch: (listener) => listeners.push(listener)
};
