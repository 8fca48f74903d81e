/* Takes pages out of the cache. */

import { h, fill, field } from '../dom.js';


const KINDS = {
    url: {
        title: 'One address',
        label: 'Address',
        note: 'Of this site, /news/tides.html, or whole, '
              + 'https://www.example.com/news/tides.html. All of its editions '
              + 'are dropped.',
        type: 'text'
    },
    tag: {
        title: 'A tag',
        label: 'Tag',
        note: 'All pages that carry it, as the newsroom’s system tags them.',
        type: 'text'
    },
    key: {
        title: 'A key',
        label: 'Key',
        note: 'As the cache itself names a page.',
        type: 'text'
    },
    all: {
        title: 'Everything',
        note: 'Every page is fetched anew from the newsroom’s system. It will '
              + 'be busy for a while.'
    }
};


const pages = (n) => n === 0 ? 'No page was stored there.'
                             : `${n} ${n === 1 ? 'page was' : 'pages were'} `
                               + 'taken out of the cache.';


export async function show(root, params, app) {
    const place = h('div', { class: 'purge-what' });
    const answer = h('p', { class: 'answer', role: 'status' });
    const choices = Object.entries(KINDS).map(([kind, { title }]) => h(
        'label', { class: 'choice' },
        h('input', { type: 'radio', name: 'kind', value: kind,
                     checked: kind === 'url',
                     onchange: () => draw(kind) }),
        h('span', {}, title)));

    const form = h('form', { class: 'card', onsubmit: submit },
        h('fieldset', { class: 'choices' },
          h('legend', {}, 'Which pages?'), choices),
        place,
        h('div', { class: 'actions' },
          h('button', { class: 'primary' }, 'Purge')),
        answer);

    let kind, input;

    function draw(chosen) {
        const { label, note, type } = KINDS[chosen];

        kind = chosen;
        input = label && h('input', { type, required: true, dir: 'auto',
                                      autocomplete: 'off',
                                      spellcheck: 'false' });

        fill(place, input ? field(label, input, note)
                          : h('p', { class: 'note' }, note));
        fill(answer);
    }

    async function submit(event) {
        event.preventDefault();

        const asked = kind === 'all' ? true : input.value.trim();

        if (kind === 'all' && !await app.confirm(
            'All pages are dropped from the cache of every server. Each is '
            + 'fetched anew when its next reader comes.',
            'Purge everything', { title: 'Purge all pages?', danger: true }))
        {
            return;
        }

        try {
            const { data } = await app.api.post('purge', { [kind]: asked });

            fill(answer, pages(data.purged));
        } catch (problem) {
            fill(answer);
            app.notice.problem(problem);
        }
    }

    fill(root, h('h1', {}, 'Purge'),
         h('p', { class: 'lead' }, 'A page that was edited shows by itself '
           + 'when its time in the cache is over. Here it is dropped at once, '
           + 'in all editions and on every server.'),
         form);
    draw('url');
}
