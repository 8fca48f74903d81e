#!/usr/bin/perl

# One stored page serves every combination of variants, plain and compressed,
# and is planned again when the configuration changes: the origin is asked
# once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep);

my $t = Test::Editorial->new(workers => 2);
my $page = article(n => 60);

srand 1;

sub pieces {
    my ($body) = @_;
    my @pieces;

    while (length $body) {
        push @pieces, substr $body, 0, 1 + int rand 3000, '';
    }

    return \@pieces;
}

$t->origin('/page' => { chunks => pieces($page) },
           '/long' => { chunks => pieces(article(n => 2000)) });

my $conf = <<'END';
editorial_zone pages:8m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    editorial_stylesheet /f.css;
    editorial_preview $arg_secret;

    editorial_read_more box label=Box;
    editorial_read_more bold label=Bold after=1 every=2 max=9;
    editorial_pull_quote quote;
    editorial_pull_quote light mode=highlight;
    editorial_disclaimer standard;
    editorial_disclaimer first position=start;

    location / {
        proxy_pass http://%%ORIGIN%%;
        add_header X-Status $editorial_status;
        add_header X-Variants $editorial_variants;
        add_header X-Furniture $editorial_furniture;
    }

    location /plain/ {
        editorial_cache off;
        proxy_pass http://%%ORIGIN%%/;
    }
}
END

$t->run($conf);

my @features = ([ 'read_more', 'box', 'bold', 'off' ],
                [ 'pull_quote', 'quote', 'light', 'off' ],
                [ 'disclaimer', 'standard', 'first', 'off' ]);
my @editions = ([]);

for my $feature (@features) {
    my ($name, @variants) = @$feature;

    @editions = map { my $e = $_; map { [ @$e, "$name:$_" ] } @variants }
                @editions;
}

sub preview { return "$_[0]?secret=1&editorial=" . join ',', @{ $_[1] } }

sub count { return scalar(() = $_[0] =~ /data-editorial=/g) }

for my $path ('/page', '/long') {

    # what each edition is without a cache

    my %expected = map { ("@$_" => $t->get(preview("/plain$path", $_))) }
                   @editions;

    is($t->get("$path?secret=1")->{headers}{'x-status'}, 'MISS',
       "$path: a miss");

    my %etags;

    for my $edition (@editions) {
        my $r = $t->get(preview($path, $edition));
        my $e = $expected{"@$edition"};

        is($r->{headers}{'x-status'}, 'HIT', "$path: @$edition");
        same($r->{body}, $e->{body}, '... right');
        is($r->{headers}{'x-furniture'}, count($e->{body}),
           '... as many pieces');
        is($r->{headers}{'cache-control'}, 'no-store', '... not kept');
        is($r->{headers}{'x-robots-tag'}, 'noindex', '... nor indexed');

        (my $variants = join ',', @$edition) =~ tr/:/=/;
        is($r->{headers}{'x-variants'}, $variants, '... its variants');

        $etags{ $r->{headers}{etag} }++;
    }

    is(scalar keys %etags, 27, "$path: an ETag for each");

    my $coded;

    for (1 .. 200) {
        $coded = $t->get("$path?secret=1", 'Accept-Encoding: gzip');
        last if $coded->{headers}{'content-encoding'};
        sleep 0.02;
    }

    is($coded->{headers}{'content-encoding'}, 'gzip',
       "$path: compressed after a while");

    for my $edition (@editions) {
        my $r = $t->get(preview($path, $edition), 'Accept-Encoding: gzip');
        my $e = $expected{"@$edition"};

        is($r->{headers}{'content-encoding'}, 'gzip',
           "$path: @$edition, compressed");
        same(gunzip(my $copy = $r->{body}), $e->{body}, '... right');
        like($r->{headers}{etag}, qr/-gz"$/, '... its own ETag');
        is($r->{headers}{'content-length'}, length $r->{body},
           '... its length');
        is($r->{headers}{'x-furniture'}, count($e->{body}),
           '... as many pieces');
    }

    # an edition that is asked for often gets a stream of its own

    my $often = $editions[4];
    my $parts = length $t->get(preview($path, $often),
                               'Accept-Encoding: gzip')->{body};
    my $whole;

    for (1 .. 200) {
        $whole = $t->get(preview($path, $often), 'Accept-Encoding: gzip');
        last if length $whole->{body} != $parts;
        sleep 0.01;
    }

    isnt(length $whole->{body}, $parts,
         "$path: an edition that is wanted often has its own stream");
    cmp_ok(length $whole->{body}, '<', $parts * 1.01, '... of fewer bytes');

    for (1 .. 3) {
        my $r = $t->get(preview($path, $often), 'Accept-Encoding: gzip');
        my $e = $expected{"@$often"};

        same(gunzip(my $copy = $r->{body}), $e->{body}, '... the same page');
        is($r->{headers}{etag}, $whole->{headers}{etag}, '... the same ETag');
        is($r->{headers}{'content-length'}, length $whole->{body},
           '... its length');
        is($r->{headers}{'x-furniture'}, count($e->{body}),
           '... as many pieces');
    }

    is($t->head(preview($path, $often), 'Accept-Encoding: gzip')
         ->{headers}{'content-length'}, length $whole->{body}, '... and HEAD');

    is($t->asked("$path?secret=1"), 1, "$path: one request to the origin");
}

is($t->get('/page?editorial=disclaimer:off')->{headers}{'x-variants'},
   'read_more=box,pull_quote=quote,disclaimer=standard',
   'without editorial_preview nothing is forced');

$conf =~ s/label=Box/label=Crate/;
spew($t->dir . '/nginx.conf', $t->conf($conf));
$t->reload;

my $r;

for (1 .. 200) {
    $r = $t->get('/page?secret=1');
    last if $r->{body} =~ /Crate/;
    sleep 0.02;
}

like($r->{body}, qr/Crate/, 'a changed directive is seen after a reload');
is($r->{headers}{'x-status'}, 'REPLAN', '... planned again');
is($t->get('/page?secret=1')->{headers}{'x-status'}, 'HIT', '... once');

for my $edition (@editions) {
    my $r = $t->get(preview('/page', $edition));
    my $e = $t->get(preview('/plain/page', $edition));

    same($r->{body}, $e->{body}, "@$edition: right after the reload");
}

is($t->asked('/page?secret=1'), 1,
   '... without asking the origin');

$t->done;
