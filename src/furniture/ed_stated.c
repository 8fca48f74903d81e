
/*
 * Does the text state the disclaimer already?
 *
 * Either by the sentence that newspapers usually print ("The views expressed
 * … author's own …", in several languages), or by the very text that is
 * configured.  Both have a word that the source bytes must contain, so most
 * articles are done with after a few passes of memchr(); only the paragraphs
 * around a hit are read as text.
 */

#include "ed_plan.h"


#define ED_MAX_STATED  2000            /* bytes of the text of one that says
                                          little else */
#define ED_MAX_HITS    16              /* paragraphs read for one word: the
                                          last ones */
#define ED_MIN_ANCHOR  5               /* letters */
#define ED_S(s)  { (const uint8_t *) (s), sizeof(s) - 1 }


/* The usual sentence: a word as it stands in the source, in small letters and
   in capitals; two parts of it, folded, in any letter case. */
typedef struct {
    ed_str_t           lang;           /* empty: on pages of any language */
    ed_str_t           anchor[2];
    ed_str_t           views;
    ed_str_t           own;
} ed_usual_t;


/* Where an anchor is; rows that follow each other have the same ones. */
typedef struct {
    ed_str_t           anchor;
    size_t             n;              /* of the places; the last ones: */
    ed_stated_t        places[ED_MAX_HITS];
} ed_stated_hits_t;


typedef struct ed_stated_look_s  ed_stated_look_t;

struct ed_stated_look_s {
    ed_plan_t         *plan;
    ed_str_t           bytes;          /* where to look */
    void             (*find)(ed_stated_look_t *look, ed_str_t anchor,
                         ed_stated_hits_t *hits);
    int              (*read)(ed_stated_look_t *look,
                         const ed_stated_hits_t *hits);
    const ed_usual_t  *usual;          /* NULL: a configured text */
    ed_text_t          text;           /* that text, folded */
    ed_text_t          before;         /* the text before the article, folded;
                                          data == NULL until asked for */
    ed_stated_hits_t   hits[2];        /* in small letters, in capitals */
};


static const ed_usual_t  ed_usual[] = {

    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("author's own") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("authors' own") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("do not necessarily") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("of the author") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("of the authors") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("writer's own") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("contributor's own") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("his own") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("her own") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("views expressed"), ED_S("their own") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("opinions expressed"), ED_S("author's own") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("opinions expressed"), ED_S("do not necessarily") },
    { ED_S(""), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("opinions expressed"), ED_S("of the author") },
    { ED_S("es"), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("opiniones expresadas"), ED_S("autor") },
    { ED_S("es"), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("opiniones expresadas"), ED_S("no reflejan") },
    { ED_S("pt"), { ED_S("xpres"), ED_S("XPRES") },
      ED_S("opiniões expressas"), ED_S("autor") },
    { ED_S("fr"), { ED_S("xprim"), ED_S("XPRIM") },
      ED_S("opinions exprimées"), ED_S("auteur") },
    { ED_S("de"), { ED_S("einung des"), ED_S("EINUNG DES") },
      ED_S("meinung des autors"), ED_S("nicht") },
    { ED_S("it"), { ED_S("spresse"), ED_S("SPRESSE") },
      ED_S("opinioni espresse"), ED_S("autore") },
    { ED_S("ru"), { ED_S("нение а"), ED_S("НЕНИЕ А") },
      ED_S("мнение автора"), ED_S("редакции") },
    { ED_S("de"), { ED_S("nsichten"), ED_S("NSICHTEN") },
      ED_S("ansichten"), ED_S("des autors") },
    { ED_S("de"), { ED_S("nsichten"), ED_S("NSICHTEN") },
      ED_S("ansichten"), ED_S("der autorin") },
    { ED_S("tr"), { ED_S("aittir"), ED_S("AITTIR") },
      ED_S("görüşler"), ED_S("yazara aittir") },
    { ED_S("ar"), { ED_S("الآراء"), ED_S("الآراء") },
      ED_S("الآراء الواردة"), ED_S("لا تعكس") },
    { ED_S("ar"), { ED_S("الآراء"), ED_S("الآراء") },
      ED_S("الآراء الواردة"), ED_S("رأي الكاتب") },
    { ED_S("zh"), { ED_S("仅代表作者"), ED_S("仅代表作者") },
      ED_S("仅代表作者"), ED_S("作者") },
    { ED_S("zh"), { ED_S("僅代表作者"), ED_S("僅代表作者") },
      ED_S("僅代表作者"), ED_S("作者") }
};


static void ed_stated_look(ed_stated_look_t *look);
static int ed_stated_anchor(ed_stated_look_t *look, ed_str_t anchor,
    ed_stated_hits_t *hits);
static const uint8_t *ed_stated_next(const uint8_t *p, const uint8_t *end,
    ed_str_t anchor);
static size_t ed_stated_rarity(uint8_t c);
static void ed_stated_find_before(ed_stated_look_t *look, ed_str_t anchor,
    ed_stated_hits_t *hits);
static int ed_stated_read_before(ed_stated_look_t *look,
    const ed_stated_hits_t *hits);
static void ed_stated_find_in(ed_stated_look_t *look, ed_str_t anchor,
    ed_stated_hits_t *hits);
static int ed_stated_read_in(ed_stated_look_t *look,
    const ed_stated_hits_t *hits);
static size_t ed_stated_unit(const ed_plan_t *plan, uint32_t at,
    ed_stated_t *unit);
static int ed_stated_read(ed_stated_look_t *look, ed_stated_t *unit);
static int ed_stated_is(const ed_stated_look_t *look, const ed_text_t *text,
    ed_stated_t *unit);
static ed_str_t ed_stated_word(ed_str_t text);


/* In the article first, where it can be wrapped; then before it. */

void
ed_stated_find(ed_plan_t *plan)
{
    ed_stated_look_t  look;

    memset(&look, 0, sizeof(ed_stated_look_t));

    look.plan = plan;
    look.bytes = ed_str(plan->article->data, plan->article->len);
    look.find = ed_stated_find_in;
    look.read = ed_stated_read_in;

    ed_stated_look(&look);

    if (plan->rc != ED_OK || plan->stated != NULL || plan->before.len == 0) {
        return;
    }

    look.bytes = plan->before;
    look.find = ed_stated_find_before;
    look.read = ed_stated_read_before;

    ed_stated_look(&look);
}


static void
ed_stated_look(ed_stated_look_t *look)
{
    size_t      i, k;
    unsigned    v;
    ed_str_t    word;
    ed_plan_t  *plan;

    plan = look->plan;
    look->hits[0].anchor = ED_STR_EMPTY;
    look->hits[1].anchor = ED_STR_EMPTY;

    for (i = 0; i < sizeof(ed_usual) / sizeof(ed_usual[0]); i++) {
        look->usual = &ed_usual[i];

        if (look->usual->lang.len != 0
            && !ed_str_eq(look->usual->lang, plan->lang->tag))
        {
            continue;
        }

        for (k = 0; k < 2; k++) {
            if (ed_stated_anchor(look, look->usual->anchor[k],
                                 &look->hits[k]))
            {
                return;
            }

            if (ed_str_eq(look->usual->anchor[0], look->usual->anchor[1])) {
                break;
            }
        }
    }

    look->usual = NULL;

    for (v = 1; v <= plan->policy->features[ED_DISCLAIMER].n; v++) {

        if (plan->rc == ED_OK) {
            plan->rc = ed_text_from_utf8(plan->arena,
                                         ed_disclaimer_text(plan, v),
                                         ED_TEXT_FOLDED, &look->text);
        }

        if (plan->rc != ED_OK) {
            return;
        }

        word = ed_stated_word(ed_str(look->text.data, look->text.len));

        if (ed_stated_anchor(look, word, &look->hits[0])) {
            return;
        }
    }
}


/*
 * Looks for the anchor, in the page's charset, unless that was the last thing
 * done with these hits; and reads what is around it.
 */

static int
ed_stated_anchor(ed_stated_look_t *look, ed_str_t anchor,
    ed_stated_hits_t *hits)
{
    ed_buf_t  encoded;

    if (look->plan->rc != ED_OK) {
        return 0;
    }

    if (hits->anchor.len == 0 || !ed_str_eq(hits->anchor, anchor)) {
        hits->anchor = anchor;
        hits->n = 0;

        ed_buf_init(&encoded, 1024);

        look->plan->rc = ed_charset_encode(look->plan->cs, anchor, &encoded);

        if (look->plan->rc == ED_OK && encoded.len != 0) {
            look->find(look, ed_str(encoded.data, encoded.len), hits);
        }

        ed_buf_free(&encoded);
    }

    return look->plan->rc == ED_OK && hits->n != 0 && look->read(look, hits);
}


/*
 * The next place of an anchor.  It is looked for by its rarest letter: that
 * is many times faster than by all of it.
 */

static const uint8_t *
ed_stated_next(const uint8_t *p, const uint8_t *end, ed_str_t anchor)
{
    size_t          i, rare;
    const uint8_t  *at;

    rare = 0;

    for (i = 1; i < anchor.len; i++) {
        if (ed_stated_rarity(anchor.data[i])
            > ed_stated_rarity(anchor.data[rare]))
        {
            rare = i;
        }
    }

    while (end - p >= (ptrdiff_t) anchor.len) {
        at = memchr(p + rare, anchor.data[rare],
                    (size_t) (end - p) - anchor.len + 1);
        if (at == NULL) {
            return NULL;
        }

        p = at - rare;

        if (memcmp(p, anchor.data, anchor.len) == 0) {
            return p;
        }

        p++;
    }

    return NULL;
}


/* Letters in the order of their frequency in European texts. */

static size_t
ed_stated_rarity(uint8_t c)
{
    const char  *place;

    static const char  order[] = " etaoinsrhldcumfpgwybvkxjqz";

    place = c != '\0' ? strchr(order, c) : NULL;

    return place != NULL ? (size_t) (place - order)
                         : (c & 0x80) != 0 ? 0 : sizeof(order);
}


static void
ed_stated_find_before(ed_stated_look_t *look, ed_str_t anchor,
    ed_stated_hits_t *hits)
{
    const uint8_t  *p;

    p = look->bytes.data;

    hits->n = ed_stated_next(p, p + look->bytes.len, anchor) != NULL;
}


/* The text before the article is read whole, once. */

static int
ed_stated_read_before(ed_stated_look_t *look, const ed_stated_hits_t *hits)
{
    ed_run_t     run;
    ed_plan_t   *plan;
    ed_stated_t  unit;

    (void) hits;

    plan = look->plan;

    if (look->before.data == NULL) {
        memset(&run, 0, sizeof(ed_run_t));
        run.end = (uint32_t) look->bytes.len;

        plan->rc = ed_text_make(plan->arena, plan->cs, look->bytes.data, &run,
                                1, ED_TEXT_FOLDED, &look->before);
    }

    if (plan->rc == ED_OK && ed_stated_is(look, &look->before, &unit)) {
        plan->stated_before = 1;
        return 1;
    }

    return 0;
}


static void
ed_stated_find_in(ed_stated_look_t *look, ed_str_t anchor,
    ed_stated_hits_t *hits)
{
    ed_plan_t      *plan;
    const uint8_t  *p, *end;

    plan = look->plan;
    p = plan->article->data;
    end = p + plan->article->len;

    for ( ;; ) {
        p = ed_stated_next(p, end, anchor);
        if (p == NULL) {
            break;
        }

        p += ed_stated_unit(plan, (uint32_t) (p - plan->article->data),
                            &hits->places[hits->n % ED_MAX_HITS]);
        hits->n++;
    }
}


/* Reads around each place of the anchor, the last first. */

static int
ed_stated_read_in(ed_stated_look_t *look, const ed_stated_hits_t *hits)
{
    size_t       k;
    ed_stated_t  unit;

    for (k = 0; k < hits->n && k < ED_MAX_HITS && look->plan->rc == ED_OK;
         k++)
    {
        unit = hits->places[(hits->n - 1 - k) % ED_MAX_HITS];

        if (ed_stated_read(look, &unit)) {
            return 1;
        }
    }

    return 0;
}


/*
 * The paragraph or the block that an offset stands in; returns how many bytes
 * are left of it, at least 1.  A unit of no length: it stands in neither.
 */

static size_t
ed_stated_unit(const ed_plan_t *plan, uint32_t at, ed_stated_t *unit)
{
    uint32_t           lo, hi, mid;
    const ed_para_t   *para;
    const ed_block_t  *block;

    lo = 0;
    hi = plan->blocks.nparas;

    while (lo < hi) {
        mid = (lo + hi) / 2;

        if (plan->blocks.paras[mid].start <= at) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    memset(unit, 0, sizeof(ed_stated_t));

    if (lo != 0 && plan->blocks.paras[lo - 1].end > at) {
        para = &plan->blocks.paras[lo - 1];

        unit->start = para->start;
        unit->end = para->end;
        unit->para = lo - 1;
        unit->block = para->block;

        return para->end - at;
    }

    lo = ed_plan_block_from(plan, at + 1);

    if (lo != 0 && plan->blocks.blocks[lo - 1].end > at) {
        block = &plan->blocks.blocks[lo - 1];

        unit->start = block->start;
        unit->end = block->end;
        unit->para = ED_NO_INDEX;
        unit->block = lo - 1;

        /* a container's paragraphs come next */

        return 1;
    }

    return 1;
}


static int
ed_stated_read(ed_stated_look_t *look, ed_stated_t *unit)
{
    ed_text_t          text;
    ed_plan_t         *plan;
    ed_para_t         *para;
    const ed_text_t   *folded;
    const ed_block_t  *block;

    plan = look->plan;
    para = NULL;

    if (unit->end == unit->start) {
        return 0;
    }

    if (unit->para != ED_NO_INDEX) {
        para = &plan->blocks.paras[unit->para];

        plan->rc = ed_para_text(&plan->blocks, para, &folded);
        text = *folded;

    } else {
        block = &plan->blocks.blocks[unit->block];

        if (block->end - block->start > 4 * ED_MAX_STATED) {
            return 0;
        }

        plan->rc = ed_blocks_text(&plan->blocks, block->start_tag_end,
                                  block->end_tag_start, ED_TEXT_FOLDED,
                                  &text);
    }

    if (plan->rc != ED_OK || !ed_stated_is(look, &text, unit)) {
        return 0;
    }

    if (para != NULL && unit->whole) {
        para->kind = ED_PARA_DISCLAIMER;
    }

    plan->stated = ed_arena_alloc(plan->arena, sizeof(ed_stated_t));

    if (plan->stated == NULL) {
        plan->rc = ED_NOMEM;
        return 0;
    }

    *plan->stated = *unit;

    return 1;
}


static int
ed_stated_is(const ed_stated_look_t *look, const ed_text_t *text,
    ed_stated_t *unit)
{
    size_t  from;

    if (look->usual == NULL) {
        unit->whole = 2 * look->text.len >= text->len;

        return ed_text_find(text, ed_str(look->text.data, look->text.len))
               != text->len;
    }

    from = ed_text_casefind(text, look->usual->views);

    unit->whole = text->len <= ED_MAX_STATED && 2 * from <= text->len;

    return from != text->len
           && ed_text_casefind(text, look->usual->own) != text->len;
}


/* The longest run of ASCII letters: what the source must have, too. */

static ed_str_t
ed_stated_word(ed_str_t text)
{
    size_t    i, start;
    ed_str_t  word;

    word = ED_STR_EMPTY;

    for (i = 0; i < text.len; i++) {
        start = i;

        while (i < text.len && (uint8_t) (ed_lower(text.data[i]) - 'a') < 26)
        {
            i++;
        }

        if (i - start > word.len) {
            word = ed_str(text.data + start, i - start);
        }
    }

    /* a text of another script: any three bytes of it that are no space */

    for (i = 0; word.len < ED_MIN_ANCHOR && i + 6 <= text.len; i++) {
        if (memchr(text.data + i, ' ', 6) == NULL && text.data[i] >= 0xc0) {
            return ed_str(text.data + i, 6);
        }
    }

    return word;
}
