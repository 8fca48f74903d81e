
/*
 * A client of the measurements: connections to a unix socket that are kept,
 * on each one request at a time, always the same; but for CLIENT_NUMBER, where
 * it stands in the request, in place of which each has a number that none had
 * before.
 *
 * The caller fills in request, len and connections, and requests if it runs;
 * what it knows of the connections it holds by their number.  Whatever fails
 * ends the program with a message and status 1.
 */

#ifndef CLIENT_H
#define CLIENT_H


#include <stddef.h>
#include <stdint.h>


#define CLIENT_CONNECTIONS  1024
#define CLIENT_REQUEST      4096
#define CLIENT_NUMBER       "@@@@@@@@@@@@@@@@"
#define CLIENT_SLOW         80000000          /* ns */


typedef struct {
    char         request[CLIENT_REQUEST];
    size_t       len;                  /* of request */
    unsigned     connections;
    uint64_t     requests;             /* to make in all */
    uint64_t     sent;
    uint64_t     done;
    uint64_t     slow;                 /* of them, not under CLIENT_SLOW */
    char        *number;               /* in request; NULL: none */
    uint64_t     next;
    uint64_t     asked[CLIENT_CONNECTIONS];  /* when, last; ns */
    int          epoll;                /* data.u32: a connection's number */
    int          fds[CLIENT_CONNECTIONS];
} client_t;


/* Called when connection i has something to read. */
typedef void (*client_receive_pt)(void *data, unsigned i);


void client_fail(const char *what, const char *why)
    __attribute__((noreturn));

/* Connects all. */
void client_open(client_t *client, const char *name);

void client_ask(client_t *client, unsigned i);

/* Returns how many bytes have come, 0 if none after all; an end fails. */
size_t client_read(client_t *client, unsigned i, char *buffer, size_t size);

/* An answer is complete: the next request, if there is one. */
void client_done(client_t *client, unsigned i);

/* Makes the requests, and prints the nanoseconds from the first one to the
   last byte, and how many answers were slow. */
void client_run(client_t *client, client_receive_pt receive, void *data);


#endif /* CLIENT_H */
