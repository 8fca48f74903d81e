/*
 * Elements, made of names and text.  What comes from outside only ever becomes
 * text or the value of an attribute: nothing here parses markup.
 *
 *     h('p', { class: 'note' }, 'By ', h('bdi', {}, name))
 *     h('button', { type: 'button', onclick: save }, 'Save')
 */

const SVG = 'http://www.w3.org/2000/svg';


/*
 * An element.  A property is set as an attribute, but: "on..." is a listener;
 * true is an empty attribute; false, null and undefined are none.  Children
 * are nodes, text, lists of them, or nothing (null, undefined, false).
 */
export function h(tag, properties, ...children) {
    return build(document.createElement(tag), properties, children);
}


/* The same, of an SVG. */
export function svg(tag, properties, ...children) {
    return build(document.createElementNS(SVG, tag), properties, children);
}


function build(element, properties, children) {
    for (const [name, value] of Object.entries(properties ?? {})) {
        set(element, name, value);
    }

    element.append(...nodes(children));

    return element;
}


export function set(element, name, value) {
    if (name.startsWith('on')) {
        element.addEventListener(name.slice(2), value);

    } else if (value === false || value === null || value === undefined) {
        element.removeAttribute(name);

    } else {
        element.setAttribute(name, value === true ? '' : value);
    }
}


function nodes(children) {
    return children.flat(Infinity).filter(
        (child) => child !== null && child !== undefined && child !== false);
}


/* Puts these in the place of what the element has. */
export function fill(element, ...children) {
    element.replaceChildren(...nodes(children));

    return element;
}


let ids = 0;

/* An id that nothing else on the page has, for labels. */
export function uid(name) {
    ids += 1;

    return `${name}-${ids}`;
}


/* A button with text. */
export function button(text, onclick, properties) {
    return h('button', { type: 'button', onclick, ...properties }, text);
}


/* A label above a control, which gets an id; note is text below it. */
export function field(label, control, note) {
    control.id ||= uid('field');

    const told = note && h('p', { class: 'note', id: uid('note') }, note);

    if (told) {
        control.setAttribute('aria-describedby', told.id);
    }

    return h('div', { class: 'field' },
             h('label', { for: control.id }, label), control, told);
}


/*
 * A name or a title from outside: in its own direction, which does not turn
 * what stands around it.
 */
export function name(text) {
    return h('bdi', { class: 'name' }, text);
}


const moment = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit',
    minute: '2-digit', timeZoneName: 'short'
});


/* A time of the API, as it is here. */
export function time(iso) {
    const at = new Date(iso);

    return isNaN(at) ? h('span', {}, String(iso))
                     : h('time', { datetime: iso }, moment.format(at));
}
