
/*
 * A request that waits in the phase of our handler: for another's fetch, for
 * Redis.  While it sleeps nothing but its client's going away can happen to
 * it; when it is woken its phases go on where they were, with our handler.
 */

#include "ngx_http_editorial_module.h"


ngx_int_t
ngx_http_editorial_sleep(ngx_http_request_t *r)
{
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    return NGX_AGAIN;
}


void
ngx_http_editorial_wake(ngx_http_request_t *r)
{
    ngx_connection_t  *c;

    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);

    ngx_http_run_posted_requests(c);
}
