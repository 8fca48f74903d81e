/*
 * Two editions of the page side by side, as it is saved: in frames that run no
 * scripts where the page is of the console's own host, else behind links.
 */

import { h, fill } from '../dom.js';
import { FEATURES, NAMES } from './model.js';
import { variantsOf } from './switches.js';


const WIDTHS = { desktop: 1280, phone: 390 };
const HEIGHT = 640;


/*
 * Where the browser finds the page from here; null: on another host.  The
 * server knows pages without their port.
 */
export function addressOf(url) {
    if (!URL.canParse(url, location.href)) {
        return null;
    }

    const page = new URL(url, location.href);

    if (page.hostname !== location.hostname
        || page.port !== '' && page.port !== location.port)
    {
        return null;
    }

    return new URL(page.pathname + page.search, location.origin);
}


export function previewPart(session) {
    const own = addressOf(session.explain.url || session.url);
    const panes = ['A', 'B'].map((letter) => paneOf(session, own, letter));
    const told = h('p', { class: 'note', role: 'status' });
    const place = h('div', { class: 'art-panes' },
                    panes.map(({ element }) => element));

    panes.forEach((pane, i) => pane.follow(panes[1 - i]));

    const refused = h('p', { class: 'art-warning', hidden: true },
        'This site allows no previews (editorial_preview): both show what '
        + 'readers get.');

    let width = 'desktop';
    let saves = session.saves;

    const fit = () => panes.forEach((pane) => pane.fit(WIDTHS[width]));
    const sizes = new ResizeObserver(fit);

    const widths = own && h('fieldset', { class: 'choices' },
        h('legend', { class: 'unseen' }, 'Width'),
        Object.keys(WIDTHS).map((name) => h('label', { class: 'choice' },
            h('input', { type: 'radio', name: 'art-width', value: name,
                         checked: name === width,
                         onchange: () => {
                             width = name;
                             place.dataset.width = name;
                             fit();
                         } }),
            name === 'phone' ? 'Phone' : 'Desktop')));

    session.add(() => {
        fill(told, session.dirty
            ? 'What is not saved yet is not shown here.'
            : 'This is what is saved.');

        if (saves !== session.saves) {
            saves = session.saves;
            panes.forEach((pane) => pane.load());
        }
    });

    place.dataset.width = width;
    panes.forEach((pane) => pane.load());

    if (own) {
        sizes.observe(place);
        allowed(own).then((is) => {
            refused.hidden = is;
        });
    }

    return h('section', { class: 'art-part', id: 'art-preview',
                          'aria-labelledby': 'art-preview-title' },
        h('div', { class: 'art-preview-head' },
            h('h2', { id: 'art-preview-title' }, 'Preview'), widths),
        told, refused,
        !own && h('p', { class: 'note' }, 'The article is on another host than '
            + 'the console, so it cannot be shown here. The links open it in '
            + 'a new tab, where previews are allowed to whoever the site '
            + 'allows them.'),
        place);
}


/* Does the site do as ?editorial= says?  Then it tells robots to keep off. */

async function allowed(address) {
    try {
        const { headers } = await fetch(forced(address, ['read_more:off']),
                                        { method: 'HEAD', cache: 'no-store' });

        return /noindex/i.test(headers.get('X-Robots-Tag') || '');
    } catch {
        return true;
    }
}


function forced(page, variants) {
    const address = new URL(page);
    const args = address.search.slice(1).split('&').filter(
        (arg) => arg && !/^editorial(=|$)/.test(arg));

    address.search = [...args, `editorial=${variants.join(',')}`].join('&');

    return address.href;
}


/* One edition: what is chosen of each feature, a link, and a frame. */

function paneOf(session, own, letter) {
    const controls = FEATURES.map((feature) => [feature, h('select', {
        id: `art-preview-${letter}-${feature}`, onchange: load
    }, ['off', ...variantsOf(session, feature)].map(
        (variant) => h('option', { value: variant }, variant)))]);

    const link = h('a', { target: '_blank', rel: 'noopener' },
                   `Open edition ${letter} in a new tab`);
    const frame = own && h('iframe', { sandbox: 'allow-same-origin',
                                       loading: 'lazy',
                                       title: `Edition ${letter}`,
                                       onload: loaded });
    const failed = h('p', { class: 'art-warning', hidden: true },
        'The page does not let itself be shown in a frame. The link opens it.');
    const box = frame && h('div', { class: 'art-frame' }, frame);

    for (const [feature, control] of controls) {
        control.value = letter === 'A' ? usual(session, feature) : 'off';
    }

    let other = null;

    return {
        load, fit, frame,
        follow: (pane) => {
            other = pane;
        },
        element: h('div', { class: 'art-pane' },
            h('fieldset', { class: 'art-edition' },
                h('legend', {}, `Edition ${letter}`),
                controls.map(([feature, control]) => h(
                    'div', { class: 'field' },
                    h('label', { for: control.id }, NAMES[feature]),
                    control))),
            h('p', {}, link), failed, box)
    };


    function load() {
        const address = forced(own || new URL(session.explain.url
                                              || session.url, location.href),
            controls.map(([feature, { value }]) => `${feature}:${value}`));

        link.href = address;

        /* in the place of the one before: not a page to go back to */
        if (frame?.contentWindow && frame.src) {
            frame.contentWindow.location.replace(address);
        } else if (frame) {
            frame.src = address;
        }
    }


    function loaded() {
        let page = null;

        try {
            page = frame.contentDocument;
        } catch {
            /* another origin: an error of the browser's own */
        }

        failed.hidden = Boolean(page);
        box.hidden = !page;

        if (page) {
            session.language(page.documentElement.lang || null);
            together(frame.contentWindow);
        }
    }


    /* What is scrolled to here is shown there, too. */
    function together(shown) {
        shown.addEventListener('scroll', () => {
            const there = other?.frame?.contentWindow;

            if (frame.matches(':hover, :focus') && there) {
                there.scrollTo(0, shown.scrollY);
            }
        });

        const piece = shown.document.querySelector('[data-editorial]');

        if (piece) {
            shown.scrollTo(0, shown.scrollY - shown.innerHeight / 3
                              + piece.getBoundingClientRect().top);
        }

        if (shown.scrollY) {
            other?.frame?.contentWindow?.scrollTo(0, shown.scrollY);
        }
    }


    function fit(width) {
        if (frame && box.clientWidth) {
            const scale = Math.min(1, box.clientWidth / width);

            frame.style.inlineSize = `${width}px`;
            frame.style.blockSize = `${HEIGHT / scale}px`;
            frame.style.scale = String(scale);
            box.style.blockSize = `${HEIGHT}px`;
        }
    }
}


/* What readers get of a feature, or some of them while it is tested. */

function usual(session, feature) {
    const { desk, draft } = session;
    const variants = variantsOf(session, feature);
    const own = draft.features[feature];
    const state = desk?.features.find(({ name }) => name === feature)?.state;
    const off = own === 'off'
                || !own && (desk?.paused || state?.mode === 'off');
    const wanted = [own, state?.variant].find((v) => variants.includes(v));

    return off ? 'off' : wanted || variants[0] || 'off';
}
