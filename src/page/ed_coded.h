
/*
 * The bytes of coded parts, for those who write and those who read them.
 *
 *     offset   bytes
 *          0       4   "EdGz"
 *          4       4   CRC-32 of what follows, up to the table's end
 *          8       1   version
 *          9       1   zero
 *         10       2   parts
 *         12       4   CRC-32 of the page's table of parts (ed_stored.h)
 *         16       4   length of all of it
 *         20       4   CRC-32 of the deflate bytes
 *         24       -   table of parts, then the deflate bytes
 *
 *     a part:      4   offset of its deflate bytes, from the beginning of all;
 *                      they go on to those of the next part
 *                  4   operator of its length, as crc32_combine_gen() has it
 */

#ifndef ED_CODED_H
#define ED_CODED_H


#define ED_CODED_MAGIC      "EdGz"
#define ED_CODED_CURRENT    1

/* offsets */
#define ED_CODED_CRC        4
#define ED_CODED_CHECKED    8          /* by that checksum */
#define ED_CODED_VERSION    8
#define ED_CODED_NPARTS     10
#define ED_CODED_PAGE       12
#define ED_CODED_LEN        16
#define ED_CODED_DATA_CRC   20
#define ED_CODED_FIXED      24

#define ED_CODED_PART       8          /* bytes of a part */


#endif /* ED_CODED_H */
