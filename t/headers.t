#!/usr/bin/perl

# What the response says of itself once it is another page than the origin's.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;
my $page = article();

my $date = 'Wed, 01 Jan 2020 00:00:00 GMT';
my @headers = ("Last-Modified: $date", 'Accept-Ranges: bytes', 'X-Own: kept',
               'Cache-Control: max-age=60', 'Vary: Accept-Encoding',
               'Set-Cookie: a=1');

my %etags = ('/strong' => '"v1"', '/weak' => 'W/"v1"', '/two' => '"v2"',
             '/news/strong' => '"v1"', '/opinion/strong' => '"v1"',
             '/wide/strong' => '"v1"', '/again/strong' => '"v1"',
             '/template/strong' => '"v1"');

$t->origin(
    '/none' => { body => $page, headers => \@headers },
    '/gzip' => { body => gzip($page),
                 headers => [ @headers, 'ETag: "v1"',
                              'Content-Encoding: gzip' ] },
    map { ($_ => { body => $page,
                   headers => [ @headers, "ETag: $etags{$_}" ] }) }
        keys %etags);

spew($t->dir . '/box.html', '<b>{{title}}</b>');

my $conf = <<'END';
server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /news/ {
        editorial_desk news;
        editorial_disclaimer other;
        proxy_pass http://%%ORIGIN%%;
    }

    location /opinion/ {
        editorial_opinion 0;
        proxy_pass http://%%ORIGIN%%;
    }

    location /wide/ {
        editorial_read_more box after=9;
        proxy_pass http://%%ORIGIN%%;
    }

    location /again/ {
        editorial_opinion yes;
        proxy_pass http://%%ORIGIN%%;
    }

    location /template/ {
        editorial_read_more box template=box.html;
        proxy_pass http://%%ORIGIN%%;
    }
}
END

$t->run($conf);

for my $method ('get', 'head') {
    my $r = $t->$method('/strong');
    my $h = $r->{headers};

    is($r->{status}, 200, "$method: a page");
    is($h->{'content-length'}, undef, '... no Content-Length');
    is($h->{'accept-ranges'}, undef, '... no Accept-Ranges');
    is($h->{'last-modified'}, undef, '... no Last-Modified');
    is($h->{'x-own'}, 'kept', '... other headers are kept');
    is($h->{'cache-control'}, 'no-cache', '... Cache-Control is ours');
    is($h->{'set-cookie'}, 'a=1', '... Set-Cookie');
    is($h->{vary}, 'Accept-Encoding', '... Vary');
    is($h->{'content-type'}, 'text/html', '... Content-Type');
    like($h->{etag}, qr/^"[0-9a-f]{32}"$/, '... an ETag of its own');
}

sub etag { return $t->get($_[0])->{headers}{etag} }

my $strong = etag('/strong');

is(etag('/strong'), $strong, 'the ETag is the same each time');
is($t->head('/strong')->{headers}{etag}, $strong, '... and for HEAD');
is(etag('/gzip'), $strong, '... and where the origin compresses');
is(etag('/again/strong'), $strong, '... and for the same policy elsewhere');
is(etag('/weak'), "W/$strong", 'it is weak where the origin\'s is');
is(etag('/none'), undef, 'there is none where the origin has none');
isnt(etag('/two'), $strong, 'another page has another');
isnt(etag('/news/strong'), $strong, 'so has another variant');
isnt(etag('/opinion/strong'), $strong, '... an opinion piece');
isnt(etag('/wide/strong'), $strong, '... another parameter');

my $template = etag('/template/strong');

isnt($template, $strong, '... a template');

spew($t->dir . '/box.html', '<i>{{title}}</i>');
$t->reload;

my $changed = $template;

for (1 .. 100) {
    $changed = etag('/template/strong');
    last if $changed ne $template;
    select undef, undef, undef, 0.05;
}

isnt($changed, $template, '... and a changed template');
is(etag('/strong'), $strong, 'a reload alone changes nothing');

$t->done;
