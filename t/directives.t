#!/usr/bin/perl

# Every wrong configuration is refused, with file and line, naming the value
# and what would be right.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;

my $t = Test::Editorial->new;

my %files = (
    'good.html' => '<div class="more"><a href="{{url}}">{{title}}</a></div>',
    'word.html' => "<div>\n{{titel}}</div>",
    'roots.html' => '<p>{{url}}</p><p>{{title}}</p>',
    'braces.html' => '<p>{{title</p>',
    'unquoted.html' => '<a href={{url}}>{{title}}</a>',
    'script.html' => '<div><script>"{{title}}"</script></div>',
    'large.html' => '<p>' . 'x' x 70_000 . '</p>',
);

mkdir $t->dir . '/templates';
spew($t->dir . "/templates/$_", $files{$_}) for keys %files;

my @good = (
    'editorial on;',
    'editorial off;',
    'editorial dry_run;',
    'editorial_article "#story" article [itemprop~=articleBody] div.a.b;',
    'editorial_article "article[data-x=\'1 2\']";',
    'editorial_exclude "//table" "//*[@class=\'x\']";',
    'editorial_desk opinion;',
    'editorial_article_id $uri;',
    'editorial_article_id fixed;',
    'editorial_read_more off;',
    'editorial_read_more box;',
    'editorial_read_more box "label=Read more" after=4 every=6 max=3;',
    'editorial_read_more a; editorial_read_more b after=2;',
    'editorial_read_more box template=templates/good.html;',
    'editorial_read_more box template=%%DIR%%/templates/good.html;',
    'editorial_pull_quote off;',
    'editorial_pull_quote q mode=highlight max=1 detect=off;',
    'editorial_pull_quote q mode=aside; editorial_pull_quote r mode=both;',
    'editorial_disclaimer off;',
    'editorial_disclaimer d "text=Not our view." position=start;',
    'editorial_opinion auto;',
    'editorial_opinion $arg_opinion;',
    'editorial_stylesheet /furniture.css;',
    'editorial_stylesheet off;',
    'editorial_script https://a.example/f.js beacon=/beacon;',
    'editorial_script off;',
    'editorial_types application/xhtml+xml;',
    'editorial_types *;',
    'editorial_max_size 100k;',
    'editorial_related off;',
    'editorial_related 30d;',
    'editorial_related 1w2d3h4m5s;',
    'editorial_related 3600;',
    'editorial_max_size 4m;',
    'editorial_visitor $cookie_uid;',
    'editorial_consent $cookie_consent;',
);

for my $line (@good) {
    my ($ok, $said) = $t->check("server { listen %%PORT%%; $line }");

    ok($ok, $line) or diag($said);
}

# what is wrong => what is said

my @wrong = (
    'editorial maybe' =>
        qr/invalid value "maybe" .*"on", "off" or "dry_run"/,
    'editorial' => qr/invalid number of arguments in "editorial"/,
    'editorial on on' => qr/invalid number of arguments in "editorial"/,
    'editorial on; editorial off' => qr/"editorial" directive is duplicate/,
    'editorial_article' => qr/invalid number of arguments/,
    'editorial_article "a b"' => qr/"a b"/,
    'editorial_article "a["' => qr/"a\["/,
    'editorial_article ..x' => qr/"\.\.x"/,
    'editorial_article a; editorial_article b' => qr/is duplicate/,
    'editorial_exclude "//["' => qr{//\[},
    'editorial_exclude "//a"; editorial_exclude "//b"' => qr/is duplicate/,
    'editorial_desk a; editorial_desk b' => qr/is duplicate/,
    'editorial_desk ""' => qr/editorial_desk/,
    'editorial_article_id a b' => qr/invalid number of arguments/,
    'editorial_article_id a; editorial_article_id b' => qr/is duplicate/,
    'editorial_read_more box after=x' => qr/"(?:after=)?x"/,
    'editorial_read_more box after=-1' => qr/-1/,
    'editorial_read_more box every=0.5' => qr/0\.5/,
    'editorial_read_more box max=9999999999999' => qr/9999999999999/,
    'editorial_read_more box color=red' => qr/color/,
    'editorial_read_more box mode=aside' => qr/mode/,
    'editorial_read_more box; editorial_read_more box' => qr/box/,
    'editorial_read_more off after=1' => qr/off/,
    'editorial_read_more "a b"' => qr/a b/,
    'editorial_read_more box template=templates/none.html' =>
        qr{/templates/none\.html" cannot be opened \(No such file},
    'editorial_read_more box template=templates' => qr{is not a file},
    'editorial_read_more box template=templates/word.html' => qr/titel/,
    'editorial_read_more box template=templates/roots.html' => qr/root/,
    'editorial_read_more box template=templates/braces.html' => qr/\{\{/,
    'editorial_read_more box template=templates/unquoted.html' => qr/url/,
    'editorial_read_more box template=templates/script.html' => qr/script/,
    'editorial_read_more box template=templates/large.html' =>
        qr/70007 bytes exceeds 65536/,
    'editorial_pull_quote q mode=loud' => qr/loud/,
    'editorial_pull_quote q detect=maybe' => qr/maybe/,
    'editorial_pull_quote q max=x' => qr/"(?:max=)?x"/,
    'editorial_pull_quote q after=3' => qr/after/,
    'editorial_disclaimer d position=middle' => qr/middle/,
    'editorial_disclaimer d text=' => qr/text/,
    'editorial_disclaimer d label=x' => qr/label/,
    'editorial_opinion a; editorial_opinion b' => qr/is duplicate/,
    'editorial_opinion auto; editorial_opinion b' => qr/is duplicate/,
    'editorial_stylesheet "javascript:x"' => qr/javascript/,
    'editorial_stylesheet /a; editorial_stylesheet /b' => qr/is duplicate/,
    'editorial_script "data:x"' => qr/data:/,
    'editorial_script /a beacom=/b' => qr/beacom/,
    'editorial_script /a; editorial_script /b' => qr/is duplicate/,
    'editorial_related x' => qr/"x" is neither "off" nor a time/,
    'editorial_related 0' => qr/"0"/,
    'editorial_related 91d' => qr/"91d"/,
    'editorial_related 99999999999999999999d' => qr/at most 90d/,
    'editorial_related 1x' => qr/"1x"/,
    'editorial_related d' => qr/"d"/,
    'editorial_related 1d; editorial_related 2d' => qr/is duplicate/,
    'editorial_max_size x' => qr/"x"/,
    'editorial_max_size -1' => qr/-1/,
    'editorial_max_size 1m; editorial_max_size 2m' => qr/is duplicate/,
    'editorial_cache on' => qr/"editorial_redis" to keep pages in .*:\d+$/,
    'editorial_cache maybe' => qr/"maybe"/,
    'editorial_cache_ignore_args a*b' => qr/"a\*b"/,
    'editorial_cache_ignore_args a; editorial_cache_ignore_args b'
        => qr/is duplicate/,
    'editorial_cache_valid soon' => qr/invalid value/,
    'editorial_cache_tag a; editorial_cache_tag b' => qr/is duplicate/,
    'editorial_cache_control a; editorial_cache_control b' => qr/is duplicate/,
    'editorial_preview a; editorial_preview b' => qr/is duplicate/,
    'editorial_gzip x' => qr/"x"/,
    'editorial_visitor a; editorial_visitor b' => qr/is duplicate/,
    'editorial_consent a; editorial_consent b' => qr/is duplicate/,
    'editorial_test read_more' => qr/invalid number of arguments/,
    'editorial_test colour a=1 b=1' => qr/"colour" is no feature/,
    'editorial_test read_more box=1' => qr/two variants/,
    'editorial_test read_more box=1 off' => qr/"off" is not VARIANT=WEIGHT/,
    'editorial_test read_more box=x off=1' => qr/weight "x"/,
    'editorial_test read_more box=-1 off=1' => qr/weight "-1"/,
    'editorial_test read_more box=0 off=0' => qr/all weights are 0/,
    'editorial_test read_more box=1 box=1' => qr/"box" is duplicate/,
    'editorial_test read_more box=1 off=1' => qr/needs "editorial_zone"/,
    'editorial_test read_more box=1 off=1; editorial_test read_more box=1 off=2'
        => qr/is duplicate for read_more/,
);

while (my ($lines, $expected) = splice @wrong, 0, 2) {
    my $dir = $t->dir;
    my ($ok, $said) = $t->check("server {\nlisten %%PORT%%;\n$lines;\n}");

    ok(!$ok, $lines);

    my ($error) = $said =~ /^(.*\[emerg\].*)$/m;

    like($error, qr{in $dir/check\.conf:\d+$}, '... with file and line');
    like($error, $expected, '... and what is wrong');
    unlike($error, qr/\(null\)|: in |: $/, '... in a sentence');
}

# of a variant, when all locations are known

my ($passed, $told) = $t->check("editorial_zone z:4m;\nserver {\n"
    . "listen %%PORT%%;\neditorial_test read_more box=1 bold=1;\n"
    . "location / {\neditorial on;\neditorial_read_more box;\n}\n}");

ok(!$passed, 'a test of a variant that is not there');
like($told, qr/unknown variant "bold": read_more has box in \S+check\.conf:\d+$/m,
     '... which is said');

# of http {}

my @outside = (
    'editorial_redis http://127.0.0.1' => qr/"http:/,
    'editorial_redis redis://127.0.0.1 cluster=on' => qr/cluster=on/,
    'editorial_redis rediss://127.0.0.1' => qr/TLS|rediss/,
    'editorial_redis redis://127.0.0.1; editorial_redis redis://127.0.0.1'
        => qr/is duplicate/,
);

while (my ($lines, $expected) = splice @outside, 0, 2) {
    my ($ok, $said) = $t->check("$lines;\nserver {\nlisten %%PORT%%;\n}");

    ok(!$ok, $lines);
    like($said, qr{\[emerg\].*$expected.* in \S+:\d+$}m,
         '... and what is wrong');
}

my ($ok) = $t->check("editorial_redis redis://127.0.0.1:6390/1 prefix=a:;\n"
                     . "server {\nlisten %%PORT%%;\neditorial on;\n"
                     . "editorial_cache on;\n}");

ok($ok, 'pages may be kept in Redis alone');

$t->done;
