/*
 * Where a browser's parser sees the elements of a page: parse5, with its
 * sourceCodeLocationInfo, corrected where it departs from the standard or
 * loses an offset.  Each correction below says why; there is nothing else
 * that is taken out of the comparison.
 *
 * Elements that have the same start tag are clones which the standard makes
 * of a formatting element; the first one made is the tag's own.
 */

import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';


/* parse5's folder: $PARSE5, or wherever node finds it (NODE_PATH too). */

function folder() {
    if (process.env.PARSE5) {
        return path.resolve(process.env.PARSE5);
    }

    const found = createRequire(import.meta.url).resolve('parse5');

    return found.slice(0, found.lastIndexOf('parse5') + 'parse5'.length);
}


const load = (file) =>
    import(pathToFileURL(path.join(folder(), 'dist', file)).href);


/*
 * "search" is special (13.2.4.2); parse5 forgets it.  Its tables are made
 * from this set when its parser is loaded.
 */

const { SPECIAL_ELEMENTS, TAG_ID, NS } = await load('common/html.js');

SPECIAL_ELEMENTS[NS.HTML].add(TAG_ID.SEARCH);

const { Parser } = await load('parser/index.js');
const { defaultTreeAdapter } = await load('tree-adapters/default.js');
const { TokenType } = await load('common/token.js');
const { InsertionMode } = await load('parser/index.js');

const TABLE_BODIES = [TAG_ID.TBODY, TAG_ID.THEAD, TAG_ID.TFOOT];


class Reference extends Parser {

    constructor(options) {
        super(options);

        this.deepest = 0;
        this.ended = new Set();
        this.formBefore = null;
        this.correctScopes(this.openElements);
        this.correctReplace(this.openElements);
        this.correctCdata(this.tokenizer);
    }

    onItemPush(node, tagID, isTop) {
        super.onItemPush(node, tagID, isTop);
        this.deepest = Math.max(this.deepest, this.openElements.depth);
    }

    /*
     * An element that text or the end of input pops ends there: parse5 takes
     * the last tag, which may lie before the element's own end.
     */

    onCharacter(token) {
        this.currentToken = this.textStart(token);
        super.onCharacter(token);
    }

    onNullCharacter(token) {
        this.currentToken = this.textStart(token);
        super.onNullCharacter(token);
    }

    onWhitespaceCharacter(token) {
        this.currentToken = token;
        super.onWhitespaceCharacter(token);
    }

    /*
     * "</>" is nothing, but parse5 counts it to the text behind it; text that
     * begins with a character reference it has begin at the end of that.
     */

    textStart(token) {
        const { page } = this;
        const { location } = token;

        while (page.startsWith('</>', location.startOffset)) {
            location.startOffset += 3;
        }

        if (page[location.startOffset] === ';'
            && /&[a-z]+$/.test(page.slice(0, location.startOffset)))
        {
            location.startOffset =
                page.lastIndexOf('&', location.startOffset);
        }

        return token;
    }

    /*
     * Where <html> is implied, or has been ended, parse5 forgets the end of
     * the <body> or <frameset> in it.
     */

    onEof(token) {
        this.currentToken = token;
        super.onEof(token);

        const body = this.openElements.items[1];

        if (body !== undefined && this.openElements.stackTop >= 1
            && !this.ended.has(body))
        {
            this._setEndLocation(body, token);
        }
    }

    onEndTag(token) {
        this.formBefore = this.formElement;
        super.onEndTag(token);
    }

    /*
     * "In row" (13.2.6.4.14): an end tag of a table body that is not in table
     * scope is ignored; parse5 ends the row.
     */

    _endTagOutsideForeignContent(token) {
        if (this.insertionMode === InsertionMode.IN_ROW
            && TABLE_BODIES.includes(token.tagID)
            && !this.openElements.hasInTableScope(token.tagID))
        {
            return;
        }

        super._endTagOutsideForeignContent(token);
    }

    _setEndLocation(element, token) {
        const location = element.sourceCodeLocation;

        /* A <form> in a table is popped by its own start tag. */

        if (location && token.type === TokenType.START_TAG
            && token.location.startOffset === location.startOffset)
        {
            return;
        }

        /*
         * After the head, parse5 opens it again for <meta>, <script>…, and
         * then moves its end.
         */

        if (element === this.headElement && this.ended.has(element)) {
            return;
        }

        this.ended.add(element);
        super._setEndLocation(element, token);
    }

    /*
     * A template bounds table scope (13.2.4.2); parse5 looks through it.  And
     * </form> asks for the form element pointer's element to be in scope, not
     * for any form (13.2.6.4.7).
     */

    correctScopes(stack) {
        const inTableScope = (tags) => {
            const found = stack.indexOfTopmostOf(tags);

            return found !== -1 && found >= stack.indexOfTopmostOf(
                [TAG_ID.TABLE, TAG_ID.TEMPLATE, TAG_ID.HTML]);
        };

        stack.hasInTableScope = (tag) => inTableScope([tag]);
        stack.hasTableBodyContextInTableScope = () =>
            inTableScope(TABLE_BODIES);

        const hasInScope = stack.hasInScope.bind(stack);

        stack.hasInScope = (tag, element) => {
            if (tag === TAG_ID.FORM && !element && stack.tmplCount === 0
                && this.formBefore)
            {
                return stack.contains(this.formBefore)
                       && hasInScope(tag, this.formBefore);
            }

            return hasInScope(tag, element);
        };
    }

    /*
     * The adoption agency replaces elements by clones on the stack; parse5
     * then forgets where they end, which is there.
     */

    correctReplace(stack) {
        const replace = stack.replace.bind(stack);

        stack.replace = (old, element) => {
            this._setEndLocation(old, this.currentToken);
            replace(old, element);
        };
    }

    /*
     * There are CDATA sections wherever the current node is foreign
     * (13.2.5.42), even if it is an integration point.
     */

    correctCdata(tokenizer) {
        const open = tokenizer._stateMarkupDeclarationOpen.bind(tokenizer);

        tokenizer._stateMarkupDeclarationOpen = (cp) => {
            const foreign = tokenizer.inForeignNode;

            tokenizer.inForeignNode = this.currentNotInHTML;
            open(cp);
            tokenizer.inForeignNode = foreign;
        };
    }
}


/*
 * The spans of a page's elements, as t/tools/spans prints them, and how deep
 * the stack of open elements was.
 */

export function spans(page) {
    const created = [];

    const treeAdapter = {
        ...defaultTreeAdapter,

        createElement(name, namespace, attrs) {
            const element =
                defaultTreeAdapter.createElement(name, namespace, attrs);

            created.push(element);

            return element;
        }
    };

    const parser = new Reference({
        sourceCodeLocationInfo: true,
        treeAdapter
    });

    parser.page = page;
    parser.tokenizer.write(page, true);

    const seen = new Map();

    for (const { tagName, sourceCodeLocation: at } of created) {
        if (at && !seen.has(at.startOffset)) {
            seen.set(at.startOffset,
                     [at.startOffset, at.startTag.endOffset, at.endOffset,
                      tagName]);
        }
    }

    const found = [...seen.values()].sort((a, b) => a[0] - b[0]);

    return { spans: found, depth: parser.deepest };
}


/* The same of bytes, taken as UTF-8: offsets in bytes, and no BOM. */

export function spansOfUtf8(bytes) {
    const text = bytes.toString('utf8');
    const bom = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    const offset = (i) => Buffer.byteLength(text.slice(0, i + bom), 'utf8');
    const { spans: found, depth } = spans(text.slice(bom));

    return {
        spans: found.map(([start, tag, end, name]) =>
            [offset(start), offset(tag), offset(end),
             Buffer.from(name, 'utf8').toString('latin1')]),
        depth
    };
}
