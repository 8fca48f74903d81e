
/*
 * hit SOCKET REQUEST CONNECTIONS REQUESTS STATUS LENGTH
 *
 * Sends the bytes of the file REQUEST so many times over connections that are
 * kept, one at a time on each, and prints the nanoseconds from the first
 * request to the last byte.  Each answer must have that STATUS and a
 * Content-Length of LENGTH (with 304: no body, whatever it says): anything
 * else ends it with a message and status 1.
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"


#define MAX_HEAD         8192
#define READ             (256 * 1024)


typedef struct {
    uint64_t     left;                 /* of the body; 0: a head is awaited */
    size_t       nhead;
    char         head[MAX_HEAD];
} connection_t;


typedef struct {
    client_t     client;
    unsigned     status;               /* that each answer must have, */
    uint64_t     length;               /*   and its body's bytes */
} load_t;


static connection_t  connections[CLIENT_CONNECTIONS];
static char          buffer[READ];


static void read_request(client_t *client, const char *name);
static void receive(void *data, unsigned i);
static size_t take_head(load_t *load, connection_t *c, const char *p,
    size_t n);
static void check(load_t *load, const char *head);


int
main(int argc, char **argv)
{
    load_t  load;

    memset(&load, 0, sizeof(load_t));

    if (argc != 7) {
        fprintf(stderr, "usage: hit SOCKET REQUEST CONNECTIONS REQUESTS "
                        "STATUS LENGTH\n");
        return 2;
    }

    load.client.connections = (unsigned) strtoul(argv[3], NULL, 10);
    load.client.requests = strtoull(argv[4], NULL, 10);
    load.status = (unsigned) strtoul(argv[5], NULL, 10);
    load.length = strtoull(argv[6], NULL, 10);

    read_request(&load.client, argv[2]);
    client_open(&load.client, argv[1]);
    client_run(&load.client, receive, &load);

    return 0;
}


static void
read_request(client_t *client, const char *name)
{
    FILE  *file;

    file = fopen(name, "rb");
    if (file == NULL) {
        client_fail(name, strerror(errno));
    }

    client->len = fread(client->request, 1, CLIENT_REQUEST, file);
    fclose(file);

    if (client->len == 0 || client->len == CLIENT_REQUEST) {
        client_fail(name, "empty, or too long");
    }
}


static void
receive(void *data, unsigned i)
{
    load_t *load = data;

    size_t         n, taken;
    connection_t  *c;

    c = &connections[i];
    n = client_read(&load->client, i, buffer, READ);

    if (n == 0) {
        return;
    }

    taken = 0;

    if (c->left == 0) {
        taken = take_head(load, c, buffer, n);

        if (c->nhead != 0) {
            return;
        }

        c->left = load->status == 304 ? 0 : load->length;
    }

    if (n - taken > c->left) {
        client_fail("answer", "longer than it says");
    }

    c->left -= n - taken;

    if (c->left == 0) {
        client_done(&load->client, i);
    }
}


/* Returns how much of n bytes belongs to the head; c->nhead is 0 when it is
   complete. */

static size_t
take_head(load_t *load, connection_t *c, const char *p, size_t n)
{
    char    *end;
    size_t   had;

    had = c->nhead;

    if (n > MAX_HEAD - 1 - had) {
        n = MAX_HEAD - 1 - had;
    }

    memcpy(c->head + had, p, n);
    c->nhead += n;
    c->head[c->nhead] = '\0';

    end = strstr(c->head, "\r\n\r\n");

    if (end == NULL) {
        if (c->nhead == MAX_HEAD - 1) {
            client_fail("head", "too long");
        }

        return n;
    }

    end[2] = '\0';
    check(load, c->head);
    c->nhead = 0;

    return (size_t) (end + 4 - c->head) - had;
}


static void
check(load_t *load, const char *head)
{
    const char  *length;

    if (strncmp(head, "HTTP/1.1 ", 9) != 0
        || strtoul(head + 9, NULL, 10) != load->status)
    {
        client_fail("answer", head);
    }

    if (load->status == 304) {
        return;
    }

    length = strcasestr(head, "\r\nContent-Length:");

    if (length == NULL
        || strtoull(length + sizeof("\r\nContent-Length:") - 1, NULL, 10)
           != load->length)
    {
        client_fail("length", head);
    }
}
