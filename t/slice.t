#!/usr/bin/perl

# The slice module gets the rest of a page by subrequests, which are none of
# ours: such a page is left alone, and its ranges are right.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article(before => '<p>' . 'b' x 900 . '</p>',
                   after => '<p>' . 'a' x 2500 . '</p>');

spew($t->dir . '/html/page.html', $page);

$t->run(<<'END');
server {
    listen %%PORT%%;

    location / { }

    location /slice/ {
        editorial on;
        editorial_opinion 1;

        slice 1k;
        proxy_set_header Range $slice_range;
        proxy_pass http://%%PORT%%/;
    }
}
END

my $r = $t->get('/slice/page.html');

is($r->{status}, 200, 'a page in slices');
same($r->{body}, $page, 'every byte in its order');
is($t->last_access->{skip}, 'subrequest', 'the reason');

$r = $t->get('/slice/page.html', 'Range: bytes=1200-1210');

is($r->{status}, 206, 'a range of it');
same($r->{body}, substr($page, 1200, 11), 'its bytes');

$t->done;
