#!/usr/bin/perl

# What editors said about one article, as a CMS writes it into Redis: it
# drives the furniture, with a cache and without; an edited one plans the
# stored page anew; one that cannot be read changes nothing.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

my $redis = Test::Redis->server;
my $t = Test::Editorial->new(workers => 2, redis => $redis);
my $page = article(n => 12, bare => 1, words => 8);

my @sentences = $page =~ m{<p>(Paragraph \d+ [^<]*\.)</p>}g;

$t->origin(map { ($_ => { body => $page,
                          headers => [ 'ETag: "v1"',
                                       'Cache-Control: max-age=600' ] }) }
               '/story', '/plain/story', '/by-id', '/caf%C3%A9', '/alone',
               '/opinion/piece', '/late');

my $conf = <<'END';
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;
editorial_zone pages:4m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;
    editorial_cache_bypass $http_x_refresh;

    editorial_read_more box;
    editorial_read_more bold label=Bold;
    editorial_pull_quote quote;

    add_header X-Status $editorial_status always;
    add_header X-Tier $editorial_tier always;
    add_header X-Id $editorial_article_id always;
    add_header X-Variants $editorial_variants always;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /plain/ {
        editorial_cache off;
        proxy_pass http://%%ORIGIN%%;
    }

    location /by-id {
        editorial_article_id "cms-$arg_id";
        proxy_pass http://%%ORIGIN%%;
    }

    location /opinion/ {
        editorial_opinion 1;
        proxy_pass http://%%ORIGIN%%;
    }
}
END

$t->run($conf);

ok($redis->wait_for_clients(2, 1), 'connected');

sub record {
    my ($id, $json) = @_;

    $redis->command('SET', "editorial:article:$id", encode('UTF-8', $json));
}

sub delete_record { $redis->command('DEL', "editorial:article:$_[0]") }


# Asks until the page passes: the response that did, or the last.

sub until_seen {
    my ($path, $passes) = @_;

    my $r;

    eventually(sub { $passes->(($r = $t->get($path))->{body}) }, 2);

    return $r;
}


# Those of a page that have furniture.

sub lines { return grep { /data-editorial/ } split /^/, $_[0] }


# What the furniture is with each record: where, and what it says.

my $standard = qr{<p class="editorial-disclaimer"[^>]*>The views expressed };
my $box = qr{<aside class="editorial-read-more"};
my $quoted = $sentences[4];

my @cases = (
    [ 'opinion', '{"opinion":true}',
      [ $standard ], [] ],
    [ 'no opinion', '{"opinion":false}',
      [], [ qr/editorial-disclaimer/ ] ],
    [ 'a disclaimer', '{"opinion":true,"disclaimer":"Not <ours> & yours."}',
      [ qr{role="note">Not &lt;ours&gt; &amp; yours\.</p>} ], [ $standard ] ],
    [ 'no disclaimer', '{"opinion":true,"disclaimer":false}',
      [], [ qr/editorial-disclaimer/ ] ],
    [ 'a link', '{"read_more":[{"url":"/a?b=1&c=2","title":"Did <it>?",'
                . '"label":"LOOK HERE","after":6}]}',
      [ qr{word6\d+\.</p>\s*$box[^>]*data-editorial="read_more/box"[^>]*>
           <span\ class="editorial-label">LOOK\ HERE</span>\s
           <a\ href="/a\?b=1&amp;c=2">Did\ &lt;it&gt;\?</a></aside>}x ], [] ],
    [ 'links', '{"read_more":[{"url":"/a","title":"A"},'
               . '{"url":"https://elsewhere.example/b","title":"B"}]}',
      [ qr{href="/a">A</a>}, qr{"https://elsewhere\.example/b">B</a>},
        qr{editorial-label">Read more<} ], [] ],
    [ 'a link to run from', '{"read_more":[{"url":"javascript:alert(1)",'
                            . '"title":"A"},{"url":"/a","title":"B"}]}',
      [ qr{href="/a">B</a>} ], [ qr/javascript/ ] ],
    [ 'a quote', "{\"pull_quotes\":[{\"text\":\"$quoted\"}]}",
      [ qr{<p><mark\ class="editorial-highlight"[^>]*>\Q$quoted\E</mark></p>
           \s*<aside\ class="editorial-pull-quote"[^>]*>
           <blockquote><p>\Q$quoted\E</p></blockquote></aside>}x ], [] ],
    [ 'a quote that is not in the text',
      '{"pull_quotes":[{"text":"Nobody has ever said these words."}]}',
      [], [ qr/data-editorial="pull_quote/, qr/Nobody/ ] ],
    [ 'a feature off', '{"features":{"read_more":"off"},'
                       . '"read_more":[{"url":"/a","title":"A","after":6}]}',
      [], [ qr/data-editorial="read_more/ ] ],
    [ 'a variant', '{"features":{"read_more":"bold"},'
                   . '"read_more":[{"url":"/a","title":"A","after":6}]}',
      [ qr{data-editorial="read_more/bold"}, qr{editorial-label">Bold<} ],
      [ qr{data-editorial="read_more/box"} ] ],
    [ 'other letters', '{"read_more":[{"url":"/a","title":"Ça va, Ünal? Да",'
                       . '"after":3}]}',
      [ do { my $title = encode('UTF-8', '>Ça va, Ünal? Да</a>');
             qr/\Q$title\E/ } ], [] ],
    [ 'nothing', '{}', [], [ qr/data-editorial/ ] ],
);

for my $path ('/plain/story', '/story') {
    is($t->get($path)->{body}, $page, "$path: no record, no furniture");

    for (@cases) {
        my ($name, $json, $there, $absent) = @$_;

        # first without, so that what is seen is this one's
        delete_record($path);
        until_seen($path, sub { $_[0] eq $page });
        record($path, $json);

        # nothing tells when one is seen that places nothing
        sleep 0.3 unless @$there;

        my $body = until_seen($path, sub {
            my ($body) = @_;
            return !grep { $body !~ $_ } @$there;
        })->{body};

        ok($body =~ $_, "$path: $name") || diag "$_\nis not in\n", lines($body)
            for @$there;
        ok($body !~ $_, "$path: $name: not this") || diag lines($body)
            for @$absent;
        ok(length $body >= length $page && $body =~ m{</html>\s*\z},
           '... the whole page');
    }
}

is($t->asked('/story'), 1, 'with a cache the origin is asked once');

# what a record says overrules nginx.conf

like($t->get('/opinion/piece')->{body}, $standard,
     'an opinion piece by its location');
record('/opinion/piece', '{"opinion":false}');
unlike(until_seen('/opinion/piece', sub { $_[0] !~ /editorial-disclaimer/ })
       ->{body}, qr/editorial-disclaimer/, '... but not by its record');

# each change is one REPLAN, by whichever worker, and then hits again

record('/story', '{"read_more":[{"url":"/a","title":"First","after":2}]}');
until_seen('/story', sub { $_[0] =~ /First/ });

my $etag = $t->get('/story')->{headers}{etag};

for my $change ('edited', 'deleted') {
    $change eq 'edited'
        ? record('/story', '{"read_more":[{"url":"/a","title":"Second",'
                           . '"after":2}]}')
        : delete_record('/story');

    my @seen;

    eventually(sub {
        my $r = $t->get('/story');
        push @seen, $r->{headers}{'x-status'};
        return $r->{body} !~ ($change eq 'edited' ? qr/First/ : qr/Second/);
    }, 2);

    is($seen[-1], 'REPLAN', "$change: planned again");
    is(scalar(grep { $_ ne 'HIT' } @seen), 1, '... only then');
    is($t->get('/story')->{headers}{'x-status'}, 'HIT', '... hits then')
        for 1 .. 6;

    my $r = $t->get('/story');

    isnt($r->{headers}{etag}, $etag, '... another ETag');
    is($t->get('/story', "If-None-Match: $etag")->{status}, 200,
       '... so that no browser keeps the other');
    $etag = $r->{headers}{etag};
}

is($t->asked('/story'), 1, '... without the origin');

# many changes, one behind the other: the last one counts, compressed, too

record('/story', qq({"read_more":[{"url":"/a","title":"Nr $_,","after":2}]}))
    for 1 .. 50;

like(until_seen('/story', sub { $_[0] =~ /Nr 50,/ })->{body}, qr/Nr 50,/,
     'the last of many');

my $r;

ok(defined eventually(sub {
       ($r = $t->get('/story', 'Accept-Encoding: gzip'))
           ->{headers}{'content-encoding'}
   }), '... compressed');
like(gunzip(my $copy = $r->{body}), qr/Nr 50,/, '... the same');


# a record that cannot be read

my $good = '{"read_more":[{"url":"/good","title":"Good","after":2}]}';

my @malformed = (
    [ 'half of one', '{"opinion":tr' ],
    [ 'an array', '[]' ],
    [ 'empty', '' ],
    [ 'a wrong type', '{"opinion":"yes"}' ],
    [ 'an unknown field', '{"bogus":true}' ],
    [ 'no JSON', "\0\1\2" ],
    [ 'too long', '{"disclaimer":"' . 'x' x 300_000 . '"}' ],
);

for my $path ('/story', '/plain/story') {
    record($path, $good);
    until_seen($path, sub { $_[0] =~ />Good</ });

    for (@malformed, [ 'no string' ]) {
        my ($name, $json) = @$_;
        my $log = length $t->log;
        my $began = time;

        if (defined $json) {
            record($path, $json);

        } else {
            $redis->command('EVAL', 'redis.call("DEL", KEYS[1]); '
                                    . 'redis.call("RPUSH", KEYS[1], "x")',
                            1, "editorial:article:$path");
        }

        my @r = map { sleep 0.02; $t->get($path) } 1 .. 20;

        is(scalar(grep { $_->{status} == 200 && $_->{whole} } @r), 20,
           "$path: a record that is $name: the page");

        # a page that is kept keeps the record that it was planned by
        is(scalar(grep { $path eq '/story' ? $_->{body} =~ />Good</
                                           : $_->{body} eq $page } @r), 20,
           $path eq '/story' ? '... as the last good one says'
                             : '... without furniture');

        my @said = grep { /record/ } split /^/, substr $t->log, $log;

        cmp_ok(scalar @said, '<=', 2 * (2 + time - $began),
               '... said by each worker once a second');
        like(join('', @said), qr/\Q$path\E/, '... and of which article')
            if @said || $name eq 'half of one';

        $redis->command('DEL', "editorial:article:$path")
            unless defined $json;
    }

    record($path, '{"read_more":[{"url":"/a","title":"Again","after":2}]}');
    like(until_seen($path, sub { $_[0] =~ />Again</ })->{body}, qr/>Again</,
         "$path: one that can be read is in force again");
}

is($t->asked('/story'), 1, 'the origin knows nothing of all this');

record('/story', '{');
like($t->get('/story', 'X-Refresh: 1')->{body}, qr/>Again</,
     'fetched anew while there is none that can be read');
like($t->get('/story')->{body}, qr/>Again</, '... and stored so');
is($t->asked('/story'), 2, '... by the origin');


# the id

record('cms-42', '{"read_more":[{"url":"/a","title":"Forty-two","after":2}]}');
like(until_seen('/by-id?id=42', sub { $_[0] =~ /Forty-two/ })->{body},
     qr/Forty-two/, 'the record of an id');
is($t->get('/by-id?id=42')->{headers}{'x-id'}, 'cms-42', '... which is this');
unlike($t->get('/by-id?id=43')->{body}, qr/Forty-two/, '... and no other');

record('/caf%C3%A9', '{"read_more":[{"url":"/a","title":"Coffee","after":2}]}');
like(until_seen('/caf%C3%A9', sub { $_[0] =~ /Coffee/ })->{body}, qr/Coffee/,
     'an address that is escaped');


# the first reader of a page has it, too

record('/late', $good);
$r = $t->get('/late');
is($r->{headers}{'x-status'}, 'MISS', 'a page that nobody has asked for');
like($r->{body}, qr/>Good</, '... with its record');


# Redis alone; and neither without it

my $alone = Test::Editorial->new(redis => $redis, origin => $t);
my $without = Test::Editorial->new(origin => $t);

$alone->run($conf =~ s/editorial_zone.*//r);
$without->run($conf =~ s/editorial_redis.*//r);
eventually(sub { $alone->get('/story')->{headers}{'x-tier'} eq 'redis' });

record('/alone', $good);

for my $path ('/alone', '/alone', '/plain/story') {
    record($path, $good);
    ok(defined eventually(sub { $alone->get($path)->{body} =~ />Good</ }, 2),
       "$path: without a zone");
}

record('/alone', '{"features":{"read_more":"off"}}');
ok(defined eventually(sub { $alone->get('/alone')->{body} eq $page }, 2),
   '... an edited one');
is($t->asked('/alone'), 1, '... without the origin');

for my $path ('/story', '/plain/story') {
    is($without->get($path)->{body}, $page, "$path: no Redis, no record");
}

$t->done($alone, $without);
