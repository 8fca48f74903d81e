#!/usr/bin/perl

# The addition filter runs after us, and comes back into our body filter to
# send the last buffer that it took away.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;

my $page = article();
my ($unclosed) = $page =~ m{\A(.*)</article>}s;
my $large = article(after => '<p>' . 'x' x 300_000 . '</p>');

$t->origin(
    '/page' => { body => $page },
    '/small' => { body => $page, size => 11 },
    '/unclosed' => { body => $unclosed },
    '/gzip' => { body => gzip($large), size => 1000,
                 headers => ['Content-Encoding: gzip'] },
    '/gzip-unclosed' => { body => gzip($unclosed),
                          headers => ['Content-Encoding: gzip'] },
    '/before' => { body => 'BEFORE' },
    '/after' => { body => 'AFTER' });

$t->run(<<'END');
server {
    listen %%PORT%%;

    location / {
        editorial on;
        editorial_opinion 1;
        add_before_body /before;
        add_after_body /after;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /before { proxy_pass http://%%ORIGIN%%; }
    location = /after { proxy_pass http://%%ORIGIN%%; }
}
END

my %body = ('/page' => $page, '/small' => $page, '/unclosed' => $unclosed,
            '/gzip' => $large, '/gzip-unclosed' => $unclosed);

for my $path (sort keys %body) {
    my $r = $t->get($path);

    is($r->{status}, 200, $path);
    ok($r->{whole}, "$path: is complete");
    isnt(furnished($r->{body}), '', "$path: has its furniture");
    same(stripped($r->{body}), "BEFORE$body{$path}AFTER",
         "$path: stands between what was added");
}

$t->done;
