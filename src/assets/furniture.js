/*
 * Counts, for the beacon of the editorial module, what readers do with
 * furniture under test: of each feature whose marker stands on the page,
 *
 *     exposure   the marker was in view for a second on end
 *     click      a link in the furniture was followed: its reader is exposed
 *     finish     the article's end was in view, and the reader was exposed
 *
 * each once a test and browser, which localStorage remembers; nothing in it
 * tells browsers apart.  Nothing is counted where it is refused, or where the
 * reader objects.
 */

(function () {
    'use strict';

    const SECOND = 1000;
    const MINUTE = 60000;
    const BODY = 4096;           // bytes sent at once

    const ARTICLE = '[itemprop~="articleBody"], article, main';
    const APART = ARTICLE
                  + ', [data-editorial], aside, figure, footer, form, nav';

    const ONCE = Symbol.for('editorial.furniture');
    const script = document.querySelector('script[data-desk][data-beacon]');

    if (!script || document[ONCE] || !window.IntersectionObserver
        || navigator.doNotTrack === '1' || navigator.globalPrivacyControl
        || !document.querySelector('[data-editorial-test]'))
    {
        return;
    }

    document[ONCE] = true;

    const { desk, beacon } = script.dataset;
    const KEY = `editorial:${desk}:`;
    const features = new Map();  // by what they show here: "read_more/box"
    const observed = new Map();  // markers and ends, to their features
    const events = [];           // counted, not sent
    const observer = new IntersectionObserver(viewed);

    let visible = false;
    let asked = 0;
    let quiet = 0;

    if (document.prerendering) {
        document.addEventListener('prerenderingchange', begin, { once: true });
    } else {
        begin();
    }


    function begin() {
        document.querySelectorAll('[data-editorial-test]').forEach(add);
        document.addEventListener('click', clicked, true);
        document.addEventListener('auxclick', clicked, true);
        document.addEventListener('visibilitychange', turned);
        window.addEventListener('pagehide', turned);
        window.addEventListener('pageshow', turned);
        turned({});
    }


    /* test: undefined until it is known, null where nothing is counted */
    function add(marker) {
        const name = marker.dataset.editorialTest;
        const piece = document.querySelector(
            `[data-editorial^="${CSS.escape(name)}/"]`);
        const furniture = piece ? piece.dataset.editorial : name + '/off';

        if (!features.has(furniture)) {
            features.set(furniture, { name, furniture, marker });
        }
    }


    /* The page comes or goes, also out of and into the back-forward cache. */
    function turned({ type }) {
        visible = type !== 'pagehide' && document.visibilityState === 'visible';

        if (!visible) {
            flush();
        }

        if (!asked || visible && Date.now() - asked > MINUTE) {
            asked = Date.now();
            ask();
        }

        features.forEach(look);
    }


    /*
     * Which tests run: {"tests":{"read_more":"T1"}}.  A beacon that is not the
     * module's does not know: all that it is told is one test.
     */
    function ask() {
        const query = (beacon.includes('?') ? '&' : '?') + 'desk=';

        fetch(beacon + query + encodeURIComponent(desk), { priority: 'low' })
            .then((r) => r.ok || r.status === 404 || r.status === 405
                         ? r.text() : Promise.reject())
            .then((text) => text[0] === '{' ? JSON.parse(text).tests : null)
            .then((tests) => features.forEach((f) => {
                learn(f, tests ? tests[f.name] || null : true);
            }))
            .catch(() => {});
    }


    /* A page that outlives the test it was made for counts no more. */
    function learn(f, test) {
        if (f.test !== undefined) {
            f.test = f.test === test ? test : null;
            return;
        }

        f.test = test;

        if (f.clicked) {
            click(f);

        } else if ((recall(f) || []).includes('exposure')) {
            expose(f);

        } else {
            observe(f, f.marker);
        }
    }


    function observe(f, element) {
        observed.set(element, f);
        observer.observe(element);
    }


    function viewed(entries) {
        for (const { target, isIntersecting } of entries) {
            const f = observed.get(target);

            f[target === f.end ? 'endInView' : 'markerInView'] = isIntersecting;
            look(f);
        }
    }


    function look(f) {
        if (!visible || !f.markerInView) {
            clearTimeout(f.timer);
            f.timer = 0;

        } else if (!f.timer) {
            f.timer = setTimeout(expose, SECOND, f);
        }

        if (visible && f.endInView) {
            count(f, 'finish');
        }
    }


    function expose(f) {
        count(f, 'exposure');

        if (f.test && !f.end) {
            f.end = endOf(f.marker);
            observe(f, f.end);
        }
    }


    /*
     * Something empty at the end of the article's last paragraph, where it
     * takes no room and is no paragraph's neighbour.  Furniture is passed over:
     * the article ends with the same words in every arm.
     */
    function endOf(marker) {
        const article = marker.closest(ARTICLE)
                        || (marker.closest('p') || marker).parentNode;
        const own = Array.from(article.querySelectorAll('p')).filter((p) => {
            const apart = p.closest(APART);

            return p.offsetHeight && (!apart || apart.contains(article));
        });

        return (own.pop() || article)
               .appendChild(document.createElement('span'));
    }


    function clicked({ target, button }) {
        const link = target.closest && target.closest('a[href]');
        const piece = link && link.closest('[data-editorial]');
        const f = piece && features.get(piece.dataset.editorial);

        if (f && button < 2) {
            f.clicked = true;
            click(f);
        }
    }


    function click(f) {
        if (f.test) {
            expose(f);
            count(f, 'click');
        }
    }


    /*
     * The events counted for this test; null where none may be: there is no
     * test, no memory, or the reader counts in another arm.
     */
    function recall({ name, furniture, test }) {
        let kept;

        try {
            kept = JSON.parse(localStorage.getItem(KEY + name)) || {};
        } catch (e) {
            return null;
        }

        if (kept.test === test) {
            return kept.furniture === furniture ? kept.events : null;
        }

        return test ? [] : null;
    }


    function count(f, event) {
        const { name, furniture, test } = f;
        const counted = recall(f);

        if (!counted || counted.includes(event)
            || event !== 'exposure' && !counted.includes('exposure'))
        {
            return;
        }

        try {
            localStorage.setItem(KEY + name, JSON.stringify(
                { test, furniture, events: counted.concat(event) }));
        } catch (e) {
            return;
        }

        events.push({ furniture, event });
        clearTimeout(quiet);
        quiet = setTimeout(flush, SECOND);
    }


    function flush() {
        clearTimeout(quiet);

        if (events.length) {
            send(events.splice(0));
        }
    }


    function send(list) {
        const half = list.length >> 1;
        const body = new Blob([JSON.stringify({ desk, events: list })],
                              { type: 'application/json' });

        if (half && body.size > BODY) {
            send(list.slice(0, half));
            send(list.slice(half));

        } else if (!navigator.sendBeacon
                   || !navigator.sendBeacon(beacon, body))
        {
            fetch(beacon, { method: 'POST', body, keepalive: true })
                .catch(() => {});
        }
    }
})();
