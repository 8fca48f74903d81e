vcl 4.1;

backend stock {
    .path = "%%LINKS%%/stock.sock";
}

backend slow {
    .path = "%%LINKS%%/slow.sock";
}

sub vcl_backend_fetch {
    if (bereq.url ~ "^/slow/") {
        set bereq.backend = slow;
    }
}

sub vcl_backend_response {
    set beresp.ttl = 1h;
}
