
#include "ed_explain.h"
#include "ed_json.h"


static json_t *ed_explain_article(const ed_plan_t *plan);
static json_t *ed_explain_blocks(ed_plan_t *plan);
static json_t *ed_explain_block(ed_plan_t *plan, uint32_t i);
static json_t *ed_explain_paragraph(const ed_plan_t *plan,
    const ed_block_t *block);
static int ed_explain_sentences(ed_plan_t *plan, json_t *block,
    const ed_text_t *text);
static json_t *ed_explain_decisions(const ed_plan_t *plan, int placed);
static json_t *ed_explain_decision(const ed_plan_t *plan,
    const ed_decision_t *decision);
static json_t *ed_explain_url(const ed_plan_t *plan);
static json_t *ed_explain_string(ed_str_t s);


json_t *
ed_explain(ed_plan_t *plan, ed_str_t skip)
{
    int      bad;
    json_t  *root;

    root = json_object();
    bad = 0;

    bad |= json_object_set_new(root, "url", ed_explain_url(plan));
    bad |= json_object_set_new(root, "id", plan->page != NULL
                                           ? ed_explain_string(plan->page->id)
                                           : json_null());
    bad |= json_object_set_new(root, "desk", plan->policy != NULL
                                        ? ed_explain_string(plan->policy->desk)
                                        : json_null());
    bad |= json_object_set_new(root, "record_etag", json_null());
    bad |= json_object_set_new(root, "skip",
                               skip.len != 0 ? ed_explain_string(skip)
                                             : json_null());
    bad |= json_object_set_new(root, "article", ed_explain_article(plan));
    bad |= json_object_set_new(root, "blocks", ed_explain_blocks(plan));
    bad |= json_object_set_new(root, "placements",
                               ed_explain_decisions(plan, 1));
    bad |= json_object_set_new(root, "refusals",
                               ed_explain_decisions(plan, 0));

    if (bad) {
        json_decref(root);
        return NULL;
    }

    return root;
}


static json_t *
ed_explain_article(const ed_plan_t *plan)
{
    if (plan->article == NULL) {
        return json_null();
    }

    return json_pack("{s:I, s:I}",
                     "start", (json_int_t) plan->article->start,
                     "end", (json_int_t) (plan->article->base
                                          + plan->article->len));
}


static json_t *
ed_explain_blocks(ed_plan_t *plan)
{
    json_t    *list;
    uint32_t   i;

    list = json_array();

    for (i = 0; i < plan->blocks.nblocks; i++) {
        if (json_array_append_new(list, ed_explain_block(plan, i)) != 0) {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


static json_t *
ed_explain_block(ed_plan_t *plan, uint32_t i)
{
    int          bad;
    json_t      *json;
    uint64_t     base;
    ed_str_t     name;
    ed_text_t    text;
    ed_block_t  *block;

    block = &plan->blocks.blocks[i];
    base = plan->article->base;

    if (ed_blocks_text(&plan->blocks, block->start_tag_end,
                       block->end_tag_start, ED_TEXT_SHOWN, &text)
        != ED_OK)
    {
        return NULL;
    }

    name = block->node == ED_NO_INDEX
           ? ED_STR("#text") : ed_article_name(plan->article, block->node);

    json = json_pack("{s:i, s:o, s:I, s:I, s:I}",
                     "n", (int) i + 1,
                     "name", ed_explain_string(name),
                     "start", (json_int_t) (base + block->start),
                     "start_tag_end",
                     (json_int_t) (base + block->start_tag_end),
                     "end", (json_int_t) (base + block->end));

    bad = json_object_set_new(json, "paragraph",
                              ed_explain_paragraph(plan, block));
    bad |= json_object_set_new(json, "text",
                          ed_explain_string(ed_str(text.data, text.len)));

    if (bad || ed_explain_sentences(plan, json, &text) != 0) {
        json_decref(json);
        return NULL;
    }

    return json;
}


/* What a record's "after" calls it; null: it does not count. */

static json_t *
ed_explain_paragraph(const ed_plan_t *plan, const ed_block_t *block)
{
    const ed_para_t  *para;

    if (block->paragraph == ED_NO_INDEX) {
        return json_null();
    }

    para = &plan->blocks.paras[block->paragraph];

    return para->counted ? json_integer(para->before + 1) : json_null();
}


static int
ed_explain_sentences(ed_plan_t *plan, json_t *block, const ed_text_t *text)
{
    int             bad;
    size_t          i, n;
    json_t         *list;
    ed_sentence_t  *s;

    if (ed_text_sentences(plan->arena, text, &s, &n) != ED_OK) {
        return -1;
    }

    list = json_array();
    bad = json_object_set_new(block, "sentences", list);

    for (i = 0; i < n && !bad; i++) {
        bad = json_array_append_new(list,
                        ed_explain_string(ed_str(text->data + s[i].start,
                                                 s[i].end - s[i].start)));
    }

    return bad;
}


static json_t *
ed_explain_decisions(const ed_plan_t *plan, int placed)
{
    size_t                i, n;
    json_t               *list;
    const ed_decision_t  *decision;

    list = json_array();
    n = ed_buf_count(&plan->decisions, ed_decision_t);

    for (i = 0; i < n; i++) {
        decision = ed_buf_at(&plan->decisions, const ed_decision_t, i);

        if ((int) decision->placed != placed) {
            continue;
        }

        if (json_array_append_new(list, ed_explain_decision(plan, decision))
            != 0)
        {
            json_decref(list);
            return NULL;
        }
    }

    return list;
}


static json_t *
ed_explain_decision(const ed_plan_t *plan, const ed_decision_t *decision)
{
    int       bad;
    json_t   *json;
    ed_str_t  variant;

    json = json_object();

    bad = json_object_set_new(json, "feature",
                         ed_explain_string(ed_feature_name(decision->feature)));

    if (decision->variant != 0) {
        variant = plan->policy->features[decision->feature]
                                         .list[decision->variant - 1].name;
        bad |= json_object_set_new(json, "variant",
                                   ed_explain_string(variant));
    }

    if (decision->placed) {
        bad |= json_object_set_new(json, "at",
               json_integer((json_int_t) (plan->article->base + decision->at)));

    } else {
        bad |= json_object_set_new(json, "block",
                                   decision->block != ED_NO_INDEX
                                   ? json_integer(decision->block + 1)
                                   : json_null());
    }

    bad |= json_object_set_new(json, "reason",
                               ed_explain_string(decision->reason));

    if (bad) {
        json_decref(json);
        return NULL;
    }

    return json;
}


static json_t *
ed_explain_url(const ed_plan_t *plan)
{
    const ed_page_t  *page;

    page = plan->page;

    if (page == NULL || page->host.len == 0) {
        return json_null();
    }

    return json_sprintf("%.*s://%.*s%.*s",
                        (int) page->scheme.len,
                        (const char *) page->scheme.data,
                        (int) page->host.len, (const char *) page->host.data,
                        (int) page->uri.len, (const char *) page->uri.data);
}


static json_t *
ed_explain_string(ed_str_t s)
{
    return json_stringn(s.len != 0 ? (const char *) s.data : "", s.len);
}
