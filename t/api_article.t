#!/usr/bin/perl

# The editors' API: an article's record, which is kept in Redis.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Test::Redis;

my $redis = Test::Redis->server;
my $t = Test::Editorial->new(workers => 2, redis => $redis);
my $alone = Test::Editorial->new(origin => $t);

$t->origin(map { ($_ => { body => article(n => 20, bare => 1),
                          headers => ['Cache-Control: max-age=600'] }) }
           '/page', '/a%20b', '/hostile');

my $conf = <<'END';
editorial_zone pages:4m;
%%TIER%%

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;

    add_header X-Status $editorial_status always;
    add_header X-Id $editorial_article_id always;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /console/ {
        editorial_console user=$http_x_user;
    }
}
END

my $tier = 'editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;';

$t->run($conf =~ s/%%TIER%%/$tier/r);
$alone->run($conf =~ s/%%TIER%%//r);

ok($redis->wait_for_clients(2, 1), 'connected');

sub id { return join '', map { sprintf '%%%02x', ord } split //, $_[0] }

sub call {
    my ($method, $id, @rest) = @_;

    return $t->api($method, 'article?id=' . id($id), @rest);
}

sub kept { return $redis->command('GET', "editorial:article:$_[0]") }

# there is none

my $r = call('GET', '/page');

is($r->{status}, 404, 'no record');
is($r->{json}{detail}, 'this article has no record', '... says so');
is(call('DELETE', '/page')->{status}, 404, '... none to take away');
is(call('DELETE', '/page', undef, 'If-Match: "x"')->{status}, 404,
   '... whatever it was');
is(call('PUT', '/page', '{}', 'If-Match: *')->{status}, 412,
   '... none to change');

$t->get('/page') for 1, 2;

# written

my $json = qq({ "read_more": [ { "url": "/x",\n "title": "\\u00c4 \xc3\xa4" } ],
               "opinion": false });

$r = call('PUT', '/page', $json, 'If-None-Match: *');
is($r->{status}, 200, 'PUT');
is($r->{body}, $json, '... answers it');
like($r->{headers}{etag}, qr/^"[0-9a-f]{32}"$/, '... with an ETag');
is($r->{headers}{'content-type'}, 'application/json', '... its type');
is(kept('/page'), $json, '... it is kept as it was sent');

my $etag = $r->{headers}{etag};

ok(eventually(sub { $t->get('/page')->{body} =~ m{<a href="/x">Ä ä</a>} }, 2),
   '... and in the page');
is($t->asked('/page'), 1, '... for which the origin was not asked');

$r = call('GET', '/page');
is($r->{body}, $json, 'GET');
is($r->{headers}{etag}, $etag, '... with the same ETag');
is(call('HEAD', '/page')->{headers}{'content-length'}, length $json, 'HEAD');
$r = call('GET', '/page', undef, "If-None-Match: $etag");
is("$r->{status} $r->{body}", '304 ', '... which has not changed');

# only where it is as he has seen it

for my $condition ('If-None-Match: *', 'If-Match: "x"', "If-Match: W/$etag",
                   "If-None-Match: $etag")
{
    $r = call('PUT', '/page', '{}', $condition);
    is($r->{status}, 412, "PUT, $condition");
    is(call('DELETE', '/page', undef, $condition)->{status}, 412,
       '... nor DELETE');
    is(kept('/page'), $json, '... nothing was changed');
}

$r = call('PUT', '/page', '{}', "If-Match: \"x\", $etag");
is($r->{status}, 200, 'PUT, If-Match');
is(kept('/page'), '{}', '... was changed');
is(call('PUT', '/page', '{"opinion":true}', "If-Match: $etag")->{status}, 412,
   '... once');
is(call('PUT', '/page', $json)->{headers}{etag}, $etag,
   'an ETag is of what is kept');

# somebody else writes

$redis->command('SET', 'editorial:article:/page', '{"opinion" : true}');
$r = call('GET', '/page');
is($r->{body}, '{"opinion" : true}', 'what a CMS has written');
is(call('PUT', '/page', $json, "If-Match: $etag")->{status}, 412,
   '... is not written over');
is(call('PUT', '/page', $json, "If-Match: $r->{headers}{etag}")->{status},
   200, '... unless it was seen');

for my $bad ('{"opinion"', '', "\xff", '{"x":"' . 'y' x 300_000 . '"}') {
    $redis->command('SET', 'editorial:article:/bad', $bad);

    $r = call('GET', '/bad');
    is($r->{status}, 500, 'what is no JSON: ' . substr $bad, 0, 20);
    like($r->{json}{detail}, qr/^the record (?:is no JSON: |has \d+ bytes)/,
         '... is said');
    is(call('PUT', '/bad', '{}', "If-Match: $r->{headers}{etag}")->{status},
       200, '... and can be replaced');
}

$redis->command('SET', 'editorial:article:/bad', '{"red_more":[]}');
is(call('GET', '/bad')->{body}, '{"red_more":[]}',
   'what is no record is shown');

$redis->command('DEL', 'editorial:article:/bad');
$redis->command('HSET', 'editorial:article:/bad', 'a', 'b');
$r = call('GET', '/bad');
is($r->{status}, 503, 'a key of another type');
like($r->{json}{detail}, qr/^Redis says "WRONGTYPE .*cannot be read$/,
     '... is said');
is(call('PUT', '/bad', '{}')->{status}, 503, '... and not written over');

# malformed

my %wrong = (
    '{"red_more":[]}' => qr/^unknown field "red_more"$/,
    '{"read_more":[{"url":"/x","title":"X","x":1}]}' =>
        qr/^link 1 of "read_more": unknown field "x"$/,
    '{"read_more":{}}' => qr/^"read_more" is not an array$/,
    '{"read_more":[{"url":"/x"}]}' => qr/^"title" is not a text$/,
    '{"read_more":[{"title":"X"}]}' => qr/^"url" is not a text$/,
    '{"read_more":[{"url":"/x","title":"X","after":0}]}' => qr/"after" is not/,
    '{"read_more":[{"url":"/x","title":"X","label":""}]}' => qr/^"label" is/,
    '{"read_more":[' . join(',', ('{"url":"/x","title":"X"}') x 65) . ']}' =>
        qr/^65 links in "read_more", at most 64$/,
    '{"pull_quotes":["x"]}' => qr/is not an object$/,
    '{"pull_quotes":[{"text":1}]}' => qr/^"text" is not a text$/,
    '{"opinion":"yes"}' => qr/^"opinion" is not true or false$/,
    '{"opinion":true,"opinion":true}' => qr/duplicate/,
    '{"disclaimer":true}' => qr/^"disclaimer" is not a text or false$/,
    '{"features":{"colour":"off"}}' => qr/^unknown feature "colour"$/,
    '{"features":{"read_more":"a b"}}' =>
        qr/^"features": "read_more" is not off or the name of a variant$/,
    '[]' => qr/^the body must be an object$/,
    'null' => qr/^the body must be an object$/,
    '{' => qr/^malformed JSON at line 1/,
    "{\"disclaimer\":\"\xff\"}" => qr/^malformed JSON at line 1/,
    '' => qr/^this call needs a body$/,
    map({ ('{"read_more":[{"url":"/x","title":"X"},{"url":"' . $_
           . '","title":"X"}]}'
           => qr/^link 2 of "read_more": "url" is not http, https or rel/) }
        'javascript:alert(1)', 'JavaScript:alert(1)', '\\tjavascript:alert(1)',
        'java\\nscript:alert(1)', '\\u0001javascript:alert(1)',
        'data:text/html,x', 'vbscript:x'),
);

for my $body (sort keys %wrong) {
    my $shown = substr $body =~ s/[^ -~]/./gr, 0, 70;

    $r = call('PUT', '/page', $body);
    is($r->{status}, 400, "refused: $shown");
    like($r->{json}{detail}, $wrong{$body}, '... says why');
}

is(call('PUT', '/page', '{"disclaimer":"' . 'x' x 262_144 . '"}')->{status},
   413, 'too long');
is(call('PUT', '/page', '{}', 'X-User: ')->{status}, 403, 'by nobody');
is(kept('/page'), $json, '... nothing was changed');

# text is text

$r = call('PUT', '/hostile', { read_more => [ {
    url => '/x?"><script>', title => '</a><script>alert(1)</script>',
    label => '<b onclick=x>"' } ] });
is($r->{status}, 200, 'markup in a record');
$r = $t->get('/hostile');
like($r->{body}, qr{<a\ href="/x\?(?:%22|&quot;|&\#34;)[^"]*">
                    &lt;/a&gt;&lt;script&gt;}x, '... is sent as text');
unlike($r->{body}, qr/<script>|<b onclick/, '... and is no markup');

# ids

for ([ '%2Fpage', '/page' ], [ '/page', '/page' ], [ '/p+q', '/p+q' ],
     [ '%2fp%2Bq%20r%25', '/p+q r%' ], [ '%2Fa%2520b', '/a%20b' ],
     [ '%c3%a4%ff%0a%22', "\xc3\xa4\xff\n\"" ])
{
    my ($arg, $id) = @$_;

    $r = $t->api('PUT', "article?x=1&id=$arg&y=%", '{"opinion":true}');
    is($r->{status}, 200, "?id=$arg");
    is(kept($id), '{"opinion":true}', '... is that id');
}

is($t->get('/a%20b')->{headers}{'x-id'}, '/a%20b',
   'an id is as the variable has it');

for ([ '', qr/needs "\?id="/ ], [ '?id=', qr/needs "\?id="/ ],
     [ '?ID', qr/needs "\?id="/ ], [ '?id=%', qr/"%" without two/ ],
     [ '?id=a%2', qr/"%" without two/ ], [ '?id=%zz', qr/"%" without two/ ],
     [ '?id=' . 'x' x 2049, qr/of 2049 bytes exceeds 2048$/ ])
{
    my ($args, $detail) = @$_;

    for my $call ([ 'GET' ], [ 'PUT', '{}' ], [ 'DELETE' ]) {
        $r = $t->api($call->[0], "article$args", $call->[1]);
        is($r->{status}, 400, "$call->[0] " . substr $args, 0, 20);
        like($r->{json}{detail}, $detail, '... says why');
    }
}

# taken away

$r = call('DELETE', '/page', undef, 'If-Match: *');
is("$r->{status} $r->{body}", '204 ', 'DELETE');
is(kept('/page'), undef, '... it is gone');
ok(eventually(sub { $t->get('/page')->{body} !~ m{href="/x"} }, 2),
   '... from the page, too');
is(call('PUT', '/page', '{}', "If-Match: $etag")->{status}, 412,
   '... and not changed by who had seen it');

# without Redis

for my $call ([ 'GET' ], [ 'PUT', '{}' ], [ 'DELETE' ]) {
    $r = $alone->api($call->[0], 'article?id=x', $call->[1]);
    is($r->{status}, 503, "$call->[0] without editorial_redis");
    is($r->{json}{detail}, 'this is kept in Redis, and this server has no '
                           . '"editorial_redis"', '... says why');
}

$redis->stop;
eventually(sub { call('GET', '/page')->{status} == 503 });

for my $call ([ 'GET', undef, 'the record cannot be read' ],
              [ 'PUT', '{}', 'nothing was changed' ],
              [ 'DELETE', undef, 'nothing was changed' ])
{
    my ($method, $body, $what) = @$call;

    $r = call($method, '/page', $body);
    is($r->{status}, 503, "$method while Redis is away");
    like($r->{json}{detail}, qr/^Redis .*, $what$/, '... says what of it');
}

$t->done($alone);
