#!/usr/bin/perl

# An opinion piece with all of its furniture written plainly, through nginx:
# the page that this module was made for.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $case = "$FindBin::Bin/data/seed-plain";
my ($in, $out) = map { slurp("$case/$_.html") } qw(in out);
my @type = (type => 'text/html; charset=utf-8');

my $t = Test::Editorial->new;

$t->origin(
    '/page' => { body => $in, @type },
    '/bytes' => { body => $in, size => 1, @type },
    '/pieces' => { body => $in, size => 113, @type },
    '/gzip' => { body => gzip($in), headers => ['Content-Encoding: gzip'],
                 @type },
    '/done' => { body => $out, @type });

$t->run(<<'END');
server {
    listen %%PORT%%;

    editorial on;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /off/ {
        editorial off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /dry/ {
        editorial dry_run;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /styled/ {
        editorial_stylesheet /furniture.css;
        proxy_pass http://%%ORIGIN%%/;
    }
}
END

my $r = $t->get('/page');

is($r->{status}, 200, 'the article');
ok($r->{body} eq $out, 'has its furniture');
is(join(' ', $r->{body} =~ /data-editorial="([^"]*)"/g),
   'read_more/box pull_quote/quote pull_quote/quote read_more/box '
   . 'pull_quote/quote pull_quote/quote disclaimer/standard',
   'each piece where the CMS wrote it, each sentence highlighted');
is($t->last_access->{furniture}, 7, 'all of it counted');
is($t->last_access->{skip}, '', 'and nothing skipped');

for my $path (qw(/bytes /pieces /gzip)) {
    ok($t->get($path)->{body} eq $out, "$path: the same");
}

ok($t->get('/done')->{body} eq $out, 'once is enough');
is($t->last_access->{skip}, 'done already', 'and it is said');

ok($t->get('/off/page')->{body} eq $in, 'off: as the CMS wrote it');

ok($t->get('/dry/page')->{body} eq $in, 'a dry run: as the CMS wrote it');
is($t->last_access->{furniture}, 7, 'but counted');

my $link = '<link rel="stylesheet" href="/furniture.css">';
my $styled = $out;
$styled =~ s/(?=<aside class="editorial)/$link/;

ok($t->get('/styled/page')->{body} eq $styled,
   'a stylesheet, once, before the first piece');

$t->done;
