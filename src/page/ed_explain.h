
/*
 * A plan as JSON, for those who ask why: api/explain and t/tools/rewrite.
 */

#ifndef ED_EXPLAIN_H
#define ED_EXPLAIN_H


#include "ed_json.h"
#include "ed_plan.h"


/*
 * The plan's blocks and decisions; offsets are those of the page.  skip says
 * why nothing was done (may be empty).  To be released with json_decref().  NULL:
 * no memory.
 */
json_t *ed_explain(ed_plan_t *plan, ed_str_t skip);


#endif /* ED_EXPLAIN_H */
