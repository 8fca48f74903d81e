#!/usr/bin/perl

# proxy_buffering off: what the origin flushes reaches the client, but for
# the article, which waits until it is complete.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article();
my ($before, $article, $after) =
    $page =~ m{\A(.*)(<article>.*</article>)(.*)\z}s;

my $drops = substr gzip($page), 0, 20;

my @pieces = ($before, \0.3, substr($article, 0, 300), \0.3,
              substr($article, 300), \0.3, $after, \0.3, '<!-- end -->');

# each piece flushed as gzip

sub flushed {
    my ($d) = Compress::Zlib::deflateInit(
        -WindowBits => 16 + Compress::Zlib::MAX_WBITS());

    my @out = map {
        ref $_ ? $_ : join '', $d->deflate($_),
                               $d->flush(Compress::Zlib::Z_SYNC_FLUSH())
    } @_;

    return (@out, scalar $d->flush);
}

$t->origin(
    '/plain' => { chunks => \@pieces },
    '/gzip' => { chunks => [ flushed(@pieces) ],
                 headers => ['Content-Encoding: gzip'] },
    '/late' => { chunks => [ \0.3, flushed(@pieces) ],
                 headers => ['Content-Encoding: gzip'] },
    '/drops' => { chunks => [ (map { ($_, \0.02) } split //, $drops),
                              substr(gzip($page), length $drops) ],
                  headers => ['Content-Encoding: gzip'] },
    '/nothing' => { chunks => [ \0.1 ] },
    '/page' => { body => $page, size => 1 });

$t->run(<<'END');
server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    proxy_buffering off;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }
}
END

for my $path ('/plain', '/gzip') {
    my $r = $t->get($path, 'Accept-Encoding: gzip');
    my $head = length $r->{head};
    my $when = sub { Test::Editorial::arrived($r, $head + $_[0]) };

    same(stripped($r->{body}), "$page<!-- end -->", "$path: every byte");
    is(furnished($r->{body}), 'read_more/box disclaimer/standard',
       '... furnished');
    cmp_ok($when->(length $before), '<', 0.25, '... the beginning at once');
    cmp_ok($when->(length("$before$article") - 200), '>', 0.55,
           '... the article when it is complete');
    cmp_ok($when->(length("$before$article")), '<', 0.85, '... and then');
    cmp_ok($when->(length $page), '<', 1.15, '... the rest as it comes');
}

my $r = $t->get('/late', 'Accept-Encoding: gzip');
same(stripped($r->{body}), "$page<!-- end -->", 'a body that comes late');

$r = $t->get('/drops', 'Accept-Encoding: gzip');
same(stripped($r->{body}), $page, 'a body that begins in drops');

$r = $t->get('/nothing');
is($r->{body}, '', 'a body that never comes');
ok($r->{whole}, '... complete');

$r = $t->get('/page');
same(stripped($r->{body}), $page, 'byte by byte');

$t->done;
