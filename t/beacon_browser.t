#!/usr/bin/perl

# The whole way: an article as the module sends it, furniture.js in a real
# browser under a strict policy, the beacon, the results: see
# t/browser/beacon.js.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Test::Relay;

my $t = Test::Editorial->new(workers => 2);

# a paragraph is a screen high; the marker stands before the READ MORE line

sub page {
    my ($before) = @_;

    return '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
           . '<title>A story</title><link rel="stylesheet" href="/style.css">'
           . '</head><body><main><article><h1>A story</h1>'
           . '<p>A paragraph of it.</p>' x $before
           . '<p>READ MORE: <a href="/other">Another story</a></p>'
           . '<p>Some more of it.</p>' x 4
           . '</article></main></body></html>';
}

my @headers = (headers => ['Cache-Control: max-age=600']);

$t->origin('/near' => { body => page(0), @headers },
           '/far' => { body => page(2), @headers },
           '/other' => { body => '<!DOCTYPE html><title>Other</title><p>Other',
                         @headers },
           '/favicon.ico' => { status => '204 No Content' },
           '/style.css' => { type => 'text/css', @headers, body => <<'END' });
body { margin: 0 }
p { height: 600px; margin: 0 }
h1, aside p { height: 40px; margin: 0 }
p:last-child { height: 300px }
END

$t->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT%%;

    add_header Content-Security-Policy "default-src 'self'" always;

    editorial_desk opinion;
    editorial_read_more box;
    editorial_read_more bold;
    editorial_test read_more box=40 bold=40 off=20;
    editorial_script /furniture/1/furniture.js beacon=/beacon;

    location / {
        editorial on;
        editorial_cache on;
        proxy_pass http://%%ORIGIN%%;
    }

    location /furniture/ {
        editorial_assets;
    }

    location = /beacon {
        editorial_beacon;
    }

    location /console/ {
        editorial_console user=$http_x_user;
    }

    location = /metrics {
        editorial_metrics;
    }
}
END

my $browser = "$FindBin::Bin/browser";

ok(-d "$browser/node_modules/playwright-core",
   "the browser's driver is installed (npm install)");

relay('readers', 'node', "$browser/beacon.js", 'http://127.0.0.1:' . $t->port);

unlike($t->get('/metrics')->{body},
       qr/^editorial_beacons_total\{result="(?!taken)\w+"\} [1-9]/m,
       'no beacon was refused');

$t->done;
