/*
 * Tag soup by a seeded generator: a page is the same for the same seed.  Its
 * ASCII and latin1 bytes are characters, so that a string's offsets are the
 * bytes'.
 */


/* mulberry32 */

export function generator(seed) {
    let state = seed >>> 0;

    return () => {
        state = (state + 0x6d2b79f5) >>> 0;

        let t = state;

        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);

        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}


const words = (s) => s.trim().split(/\s+/);

const FAMILIES = {
    block: words(`p p p p div div section article aside main header footer nav
        figure figcaption blockquote address details summary fieldset center
        dialog hgroup menu search pre listing dir`),
    heading: words('h1 h2 h3 h4 h5 h6'),
    list: words('ul ol li li li dl dt dd dd'),
    formatting: words(`b i em strong a a u s small big code tt font strike
        nobr b i a`),
    inline: words(`span span label abbr cite q sub sup var time mark del ins
        ruby rb rt rp rtc`),
    empty: words(`br img hr input wbr embed area param source track link meta
        base bgsound basefont keygen col frame image`),
    table: words(`table table caption colgroup col tbody thead tfoot tr tr tr
        td td td th`),
    form: words(`form button select option optgroup input textarea fieldset
        legend label datalist output`),
    object: words('object applet marquee'),
    template: words('template template'),
    svg: words(`svg svg g path foreignObject desc title a linearGradient
        clipPath textPath font`),
    math: words(`math math mi mo mn ms mtext mrow annotation-xml mglyph
        malignmark`),
    raw: words('script style title textarea iframe noscript noembed noframes ' +
               'xmp'),
    document: words('html head body frameset frame noframes'),
    unknown: words('x-card my-x foo x1 o:p Ünique q-')
};

/* What a page is made of: families and their weights. */

const MIXES = [
    { block: 8, heading: 2, list: 4, formatting: 6, inline: 4, empty: 2 },
    { block: 4, formatting: 10, inline: 1, object: 1, table: 1 },
    { block: 2, table: 12, formatting: 4, form: 2, list: 1, empty: 1 },
    { block: 2, table: 6, template: 6, list: 2, formatting: 2, form: 1 },
    { block: 3, svg: 8, math: 8, formatting: 2, table: 1, raw: 1 },
    { block: 3, form: 10, table: 4, formatting: 2, template: 1 },
    { block: 3, raw: 5, document: 5, empty: 3, formatting: 1 },
    { block: 4, list: 8, heading: 4, inline: 4, object: 2, unknown: 3 },
    { block: 4, heading: 2, list: 3, formatting: 4, inline: 3, empty: 3,
      table: 4, form: 3, object: 2, template: 2, svg: 2, math: 2, raw: 2,
      document: 2, unknown: 2 }
];

const ATTRIBUTES = [
    'id=a', 'id=b', 'class="x y"', "title='a > b'", 'href=/x/y?a=b', 'hidden',
    'CLASS=X', 'type=hidden', 'TYPE="hidden"', 'type=text', 'color=red',
    'size=2', 'face=x', 'encoding="text/html"', 'a=1 a=2', '=x', 'x="\n"',
    'data-x="<p>"', 'encoding=application/xhtml+xml', '"', "'", 'a =b',
    'a= b', 'é=ü', '/', 'a/b', 'c=d/'
];

const TEXTS = [
    'text', ' ', '\n', 'a b', ' \n\t', 'x', '&amp;', '&nbsp;x', '<', '< p',
    '<3', '</>', '\0', 'é', '\r\n', ']]>', '-->', 'a\0b', '>', '"'
];

const OTHERS = [
    '<!-- x -->', '<!-->', '<!--->', '<!-- a --!>', '<!-- <p> -->',
    '<!---- -->', '<!-- <!-- -->', '<!x>', '<?pi ?>', '</ x>', '<!--a--b-->',
    '<![CDATA[x<p>]]>', '<![CDATA[]]]]>', '<!doctype html>',
    '<!-- - -- --- -->', '<!-x>', '</3>', '<!--<!-->'
];

/* These take what follows with them, mostly, and are for the end of a page. */

const SWALLOWERS = ['<!--', '<![CDATA[', '<!--!>', '<!', '</', '<p a="', '<p',
                    "<p a='"];

const RAW_TEXTS = [
    'x', '<p>', '</p>', '<!--', '-->', '<script>', '</scrip', '</script',
    '<!-- <script> </script>', '<!', '--', '</title', '</styles>', '&lt;', ' '
];

const DOCTYPES = [
    '<!DOCTYPE html>', '<!doctype html>', '', '<!DOCTYPE>', '<!doctype htm>',
    '<!DOCTYPE html SYSTEM "about:legacy-compat">',
    '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN">',
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">',
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">',
    '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">'
];


export class Soup {

    constructor(seed) {
        this.random = generator(seed);
    }

    below(n) {
        return Math.floor(this.random() * n);
    }

    of(list) {
        return list[this.below(list.length)];
    }

    page(size) {
        const mix = this.of(MIXES);

        this.families = Object.entries(mix).flatMap(
            ([family, weight]) => Array(weight).fill(FAMILIES[family]));

        this.open = [];
        this.tidy = this.random() < 0.5 ? 0.7 : 0.2;

        let page = this.random() < 0.7 ? this.of(DOCTYPES) : '';

        while (page.length < size) {
            page += this.piece();
        }

        if (this.random() < 0.2) {
            page += this.of(SWALLOWERS) + this.piece();
        }

        return page;
    }

    piece() {
        const dice = this.random();

        if (dice < 0.42) {
            return this.startTag();
        }

        if (dice < 0.72) {
            return this.endTag();
        }

        if (dice < 0.95) {
            return this.of(TEXTS);
        }

        return this.of(OTHERS);
    }

    startTag() {
        const name = this.of(this.of(this.families));
        let tag = '<' + this.spelling(name);

        while (this.random() < 0.25) {
            tag += this.of([' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ',
                            '\n', '/', '']) + this.of(ATTRIBUTES);
        }

        tag += this.random() < 0.05 ? '/>' : this.random() < 0.02 ? ' >' : '>';

        if (FAMILIES.raw.includes(name) && this.random() < 0.97) {
            return tag + this.rawText(name);
        }

        if (!FAMILIES.empty.includes(name)) {
            this.open.push(name);
        }

        return tag;
    }

    rawText(name) {
        let text = '';

        while (this.random() < 0.6) {
            text += this.of(RAW_TEXTS);
        }

        return text + '</' + this.spelling(name) + this.of(['>', ' >', '/>']);
    }

    endTag() {
        if (this.open.length !== 0 && this.random() < this.tidy) {
            return '</' + this.spelling(this.open.pop()) + '>';
        }

        const name = this.open.length !== 0 && this.random() < 0.6
            ? this.of(this.open) : this.of(this.of(this.families));

        return '</' + this.spelling(name) + this.of(['>', '>', '>', ' >',
                                                     ' a=b>', '/>']);
    }

    spelling(name) {
        const dice = this.random();

        return dice < 0.9 ? name
            : dice < 0.95 ? name.toUpperCase().replace('Ü', 'ü')
            : name[0].toUpperCase() + name.slice(1);
    }
}
