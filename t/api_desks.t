#!/usr/bin/perl

# The editors' API: what holds on a desk, and how it is switched.

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
my $alone = Test::Editorial->new(workers => 2, origin => $t);
my $key = 'editorial:desk:opinion';

$t->origin('/page' => { body => article(n => 40) });

my $conf = <<'END';
editorial_zone pages:4m;
%%TIER%%

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_desk opinion;

    editorial_read_more box;
    editorial_read_more bold;

    add_header X-Variants $editorial_variants always;
    add_header X-Pid $pid always;

    gzip on;
    gzip_types application/json;
    gzip_min_length 1;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /plain/ {
        editorial_read_more plain;
        editorial_read_more box;
        proxy_pass http://%%ORIGIN%%;
    }

    location /news/ {
        editorial_desk news;
        editorial_test read_more box=1 off=1;
        editorial_pull_quote off;
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

for my $server ($t, $alone) {
    my $who = $server == $t ? 'with Redis' : 'alone';

    note($who);
    subtest $who => sub { all_calls($server) };
}

$t->done($alone);


sub all_calls {
    my ($s) = @_;

    # what there is

    my $r = $s->api('GET', 'desks');
    my $desks = $r->{json}{desks};

    is($r->{status}, 200, 'GET desks');
    is(join(' ', map { $_->{name} } @$desks), 'opinion news', '... all');
    is(join(' ', sort keys %{ $desks->[0] }), 'features name paused problem',
       '... what is said of one');
    ok(!$desks->[0]{paused} && !defined $desks->[0]{problem},
       '... nothing is the matter');

    my ($more, $quote, $disclaimer) = @{ $desks->[0]{features} };
    my $etag = $more->{etag};

    like($etag, qr/^"[0-9a-f]{32}"$/, 'an ETag');
    is_deeply($more, {
        name => 'read_more', variants => ['box', 'bold', 'plain'],
        control => 'box', state => { mode => 'on', variant => 'box' },
        source => 'config', changed_by => undef, changed_at => undef,
        etag => $etag, problem => undef,
    }, 'a feature');
    is($quote->{name} . ' ' . $disclaimer->{name}, 'pull_quote disclaimer',
       'the others');

    my $news = $desks->[1]{features};

    like($news->[0]{state}{id}, qr/^config-/, 'a test of the configuration');
    is_deeply($news->[0]{state}{weights}, { box => 1, off => 1 },
              '... its weights');
    is_deeply([ @{ $news->[1] }{'state', 'variants', 'control'} ],
              [ { mode => 'off' }, [], undef ], 'a feature that is not there');

    $r = $s->api('GET', 'desks/opinion/read_more');
    is_deeply($r->{json}, $more, 'one of them');
    is($r->{headers}{etag}, $etag, '... with its ETag');
    is($r->{headers}{'cache-control'}, 'no-store', '... is not kept');

    $r = $s->api('GET', 'desks/opinion/read_more', undef,
                 'Accept-Encoding: gzip');
    is($r->{headers}{etag}, $etag, '... a strong one where gzip is on');

    $r = $s->api('GET', 'desks/opinion/read_more', undef,
                 "If-None-Match: $etag");
    is($r->{status}, 304, '... which has not changed');
    is($s->api('HEAD', 'desks/opinion/read_more')->{headers}{etag}, $etag,
       'HEAD');

    for ([ 'sport/read_more', 'there is no desk "sport"' ],
         [ 'opinion/read-more', 'there is no feature "read-more": it must be '
                                . 'read_more, pull_quote or disclaimer' ],
         [ 'Opinion/read_more', 'there is no desk "Opinion"' ],
         [ 'a%22%0ab/read_more', 'there is no desk "a" b"' ])
    {
        my ($path, $detail) = @$_;

        for my $call ([ 'GET' ], [ 'PUT', '{"mode":"off"}' ], [ 'DELETE' ]) {
            my ($method, $body) = @$call;

            $r = $s->api($method, "desks/$path", $body);
            is($r->{status}, 404, "$method $path");
            is($r->{json}{detail}, $detail, '... says what is not there');
        }
    }

    is($s->api('POST', 'desks/opinion/read_more', '{}')->{headers}{allow},
       'GET, HEAD, PUT, DELETE', 'what else is allowed');
    is($s->api('PUT', 'desks', '{}')->{status}, 405, 'PUT desks');

    for ([ 'DELETE', 'opinion/paused', 'GET, HEAD, PUT' ],
         [ 'POST', 'opinion/paused', 'GET, HEAD, PUT' ],
         [ 'POST', 'opinion/read_more', 'GET, HEAD, PUT, DELETE' ],
         [ 'DELETE', 'opinion/read_more/results', 'GET, HEAD' ])
    {
        my ($method, $path, $allow) = @$_;

        $r = $s->api($method, "desks/$path");
        is($r->{status}, 405, "$method $path");
        is($r->{headers}{allow}, $allow, '... says what may be done');
    }

    # switched

    $r = put($s, 'opinion/read_more', '{ "variant": "bold", "mode":"on" }');
    is($r->{status}, 200, 'PUT');
    holds($s, qr/^read_more=bold/, '... holds at once, in all workers');

    my $made = $r->{json};

    is_deeply($made->{state}, { mode => 'on', variant => 'bold' },
              '... the new state');
    is("$made->{source} $made->{changed_by}", 'editor anna', '... by whom');
    like($made->{changed_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
         '... and when');
    is($r->{headers}{etag}, $made->{etag}, '... its ETag');
    isnt($made->{etag}, $etag, '... is another');

    settled($s);
    is_deeply($s->api('GET', 'desks/opinion/read_more')->{json}, $made,
              '... and is what is there');
    is($redis->command('HGET', $key, 'read_more'),
       '{"mode":"on","variant":"bold"}', '... in its one form')
        if $s == $t;
    is($s->api('GET', 'desks')->{json}{desks}[1]{features}[0]{source},
       'config', 'another desk is as it was');

    # a test

    $r = put($s, 'opinion/disclaimer',
             '{"mode":"test","weights":{"standard":1,"off":3}}');
    like($r->{json}{state}{id}, qr/^\d{4}-\d\d-\d\d-[0-9a-f]{8}$/,
         'a test is given an id');
    $r = put($s, 'opinion/disclaimer', '{"mode":"test","id":"T1",'
             . '"weights":{"standard":1,"off":3},'
             . '"ends":"2099-12-01T00:00:00Z"}');
    is_deeply($r->{json}{state}, {
        mode => 'test', id => 'T1', weights => { standard => 1, off => 3 },
        ends => '2099-12-01T00:00:00Z' }, '... or has one');

    # only where it is as he has seen it

    my $new = '{"mode":"off"}';
    my $now = $made->{etag};

    for my $condition ("If-Match: $etag", 'If-Match: "x"', "If-Match: W/$now",
                       "If-Match: x, $now", 'If-Match:',
                       "If-Match: " . substr($now, 1, -1),
                       'If-None-Match: *', "If-None-Match: $now",
                       "If-None-Match: W/$now", "If-None-Match: \"x\", $now")
    {
        for my $call ([ 'PUT', $new ], [ 'DELETE' ]) {
            my ($method, $body) = @$call;

            $r = $s->api($method, 'desks/opinion/read_more', $body,
                         $condition);
            is($r->{status}, 412, "$method, $condition");
            is($r->{headers}{'content-type'}, 'application/problem+json',
               '... a problem');
        }
    }

    settled($s);
    is_deeply($s->api('GET', 'desks/opinion/read_more')->{json}, $made,
              '... nothing was changed');

    for my $condition ("If-Match: $now", "If-Match: \"x\", W/$now ,, $now",
                       'If-Match: *', 'If-None-Match: "x"')
    {
        $r = put($s, 'opinion/read_more', $new, $condition);
        is($r->{status}, 200, "PUT, $condition");

        $r = put($s, 'opinion/read_more',
                 '{"mode":"on","variant":"bold"}',
                 "If-Match: $r->{headers}{etag}");
        is($r->{headers}{etag}, $now, '... and back again');
    }

    $r = $s->api('GET', 'desks/news/read_more');
    $r = put($s, 'news/read_more', $new, "If-Match: $r->{headers}{etag}");
    is($r->{status}, 200, "the configuration's state has an ETag, too");

    # malformed

    my %wrong = (
        '{"mode":"no"}' => qr/^"mode" is not off, on or test$/,
        '{}' => qr/^"mode" is missing/,
        '[]' => qr/^the body must be an object$/,
        'true' => qr/^the body must be an object$/,
        '{"mode":"on"}' => qr/^"variant" is missing/,
        '{"mode":"on","variant":"none"}' =>
            qr/^unknown variant "none": read_more has /,
        '{"mode":"on","variant":"off"}' => qr/^"off" is no variant/,
        '{"mode":"on","variant":"bold","x":1}' => qr/^unknown field "x"$/,
        '{"mode":"off","variant":"bold"}' => qr/^"variant" does not belong/,
        '{"mode":"off","mode":"off"}' => qr/duplicate/,
        '{"mode":"off"' => qr/^malformed JSON at line 1/,
        '{"mode":"test","weights":{"box":1}}' => qr/two variants at least/,
        '{"mode":"test","weights":{"box":1,"none":1}}' =>
            qr/^unknown variant "none"/,
        '{"mode":"test","weights":{"box":1,"bold":-1}}' =>
            qr/^the weight of "bold" is not a whole number/,
        '{"mode":"test","id":"a b","weights":{"box":1,"off":1}}' =>
            qr/^"id" is not a word/,
        '{"mode":"off","ends":"tomorrow"}' => qr/^"ends" is not a time/,
        '{"mode":"off","starts":"2026-12-01T00:00:00Z",'
            . '"ends":"2026-11-01T00:00:00Z"}' => qr/not after "starts"$/,
        '{"mode":"on","variant":"</script>\u0007"}' => qr/not a variant's/,
        '{"mode":"on","variant":"' . 'x' x 70_000 . '"}' => qr/exceeds/,
    );

    for my $body (sort keys %wrong) {
        $r = put($s, 'opinion/read_more', $body);
        is($r->{status}, 400, 'refused: ' . substr $body, 0, 60);
        like($r->{json}{detail}, $wrong{$body}, '... says why');
    }

    is(put($s, 'opinion/read_more', $new, 'X-User: ')->{status}, 403,
       'not by nobody');
    settled($s);
    is($s->api('GET', 'desks/opinion/read_more')->{json}{etag}, $now,
       '... nothing was changed');

    # strange users

    for (["b\"\\\xc3\xa4", "b\"\\\x{e4}"], ["\xff\x01", "\x{fffd}\x01"],
         ['u' x 200, 'u' x 128], ['x' . "\xc3\xa4" x 64,
                                  'x' . "\x{e4}" x 63])
    {
        my ($user, $shown) = @$_;

        $r = put($s, 'opinion/read_more', '{"mode":"on","variant":"bold"}',
                 "X-User: $user");
        is($r->{json}{changed_by}, $shown, 'a user with a strange name');
        settled($s);
        is($s->api('GET', 'desks/opinion/read_more')->{json}{changed_by},
           $shown, '... is kept');
    }

    # paused

    $r = put($s, 'opinion/paused', 'true');
    is_deeply($r->{json}, { desk => 'opinion', paused => JSON::PP::true() },
              'paused');
    holds($s, qr/^read_more=off,pull_quote=off,disclaimer=off$/,
          '... holds at once, in all workers');
    settled($s);
    ok($s->api('GET', 'desks/opinion/paused')->{json}{paused}, '... it is');
    ok($s->api('GET', 'desks')->{json}{desks}[0]{paused}, '... which is said');
    ok(!$s->api('GET', 'desks')->{json}{desks}[1]{paused},
       '... of that desk only');

    for my $body ('1', '"true"', 'null', '{}', '', '{"paused":true}') {
        $r = put($s, 'opinion/paused', $body);
        is($r->{status}, 400, "paused: $body");
        like($r->{json}{detail},
             qr/^the body must be true or false$|^this call needs a body$/,
             '... says why');
    }

    is(put($s, 'sport/paused', 'true')->{status}, 404, 'no such desk');
    is(put($s, 'opinion/paused', 'false', 'If-Match: "x"')->{status}, 412,
       'it has no ETag');
    is(put($s, 'opinion/paused', 'false', 'If-Match: *')->{status}, 200,
       '... but is there');
    holds($s, qr/^read_more=bold/, '... and holds no longer');

    # taken back

    $r = $s->api('DELETE', 'desks/opinion/read_more', undef,
                 "If-Match: $now", 'X-User: bert');
    is($r->{status}, 200, 'DELETE');
    is_deeply($r->{json}{state}, $more->{state}, "... the configuration's");
    is("$r->{json}{source} $r->{json}{etag} $r->{json}{changed_by}",
       "config $etag bert", '... says so, and who did it');
    is($r->{headers}{etag}, $etag, '... its ETag');
    holds($s, qr/^read_more=box/, '... holds at once, in all workers');
    settled($s);
    is_deeply($s->api('GET', 'desks/opinion/read_more')->{json}, $r->{json},
              '... and is what is there');
    is($s->api('DELETE', 'desks/opinion/read_more', undef,
               "If-Match: $etag")->{status}, 200, 'DELETE of nothing');
    is($s->api('DELETE', 'desks/opinion/read_more', '{}')->{status}, 400,
       'DELETE takes no body');
}


sub put {
    my ($s, $path, $body, @headers) = @_;

    return $s->api('PUT', "desks/$path", $body, @headers);
}


# Both workers say so, without being given time.

sub holds {
    my ($s, $expected, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my %said;

    for (1 .. 60) {
        my $r = $s->get('/page');

        $said{ $r->{headers}{'x-pid'} } = $r->{headers}{'x-variants'};
        last if keys %said == 2;
    }

    is(scalar(grep { /$expected/ } values %said), scalar keys %said, $name)
        or diag(explain(\%said));
}


# The worker that is told has read again what was set.

sub settled {
    my ($s) = @_;

    select undef, undef, undef, 0.3 if $s == $t;
}
