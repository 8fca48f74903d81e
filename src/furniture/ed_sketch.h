
/*
 * A quick "surely not" for pull quotes in the text.
 *
 * Few articles repeat a sentence, and telling so by folding all of their text
 * costs more than everything else together.  A sketch is the first letters of
 * a sentence, read from the source bytes with white space, quotes, dashes and
 * tags left out.  A paragraph that repeats a sentence of another has its
 * sketch: where no two are equal, none does.
 */

#ifndef ED_SKETCH_H
#define ED_SKETCH_H


#include "ed_block.h"


/*
 * Marks the paragraphs of running text (ED_PARA_TEXT) that may repeat one or
 * more whole sentences of another, and those that may hold them, as alike.
 * *any is 0 where surely none does.  ED_NOMEM.
 */
ed_rc_t ed_sketch_repeats(ed_blocks_t *blocks, int *any);


#endif /* ED_SKETCH_H */
