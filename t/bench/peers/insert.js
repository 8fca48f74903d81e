// The whole page is gathered, three strings are found in it, and what is
// between them goes out with furniture around it.

var furniture = [
    [`%%raw:READ_MORE%%`, `%%raw:READ_MORE_BOX%%`],
    [`%%raw:QUOTE%%`, `%%raw:QUOTE_BOX%%`],
    [`%%raw:STORY_END%%`, `%%raw:DISCLAIMER_STORY_END%%`]
];

var page = [];

function header(r) {
    delete r.headersOut['Content-Length'];
}

function body(r, data, flags) {
    if (data.length) {
        page.push(Buffer.from(data));
    }

    if (!flags.last) {
        return;
    }

    var whole = Buffer.concat(page);
    var from = 0;

    for (var i in furniture) {
        var at = whole.indexOf(furniture[i][0], from);

        if (at >= 0) {
            r.sendBuffer(whole.subarray(from, at), { last: false });
            r.sendBuffer(furniture[i][1], { last: false });
            from = at + furniture[i][0].length;
        }
    }

    r.sendBuffer(whole.subarray(from), { last: true });
}

export default { header, body };
