#!/usr/bin/perl

# Related articles: those that share a tag on a desk are linked where neither
# the record nor the text gives a link, newest first, and no reader waits for
# that.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use JSON::PP ();
use POSIX qw(strftime);
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

my $redis = Test::Redis->server;
my $t = Test::Editorial->new(workers => 2, redis => $redis);
my $other = Test::Editorial->new(redis => $redis, origin => $t);
my $alone = Test::Editorial->new(redis => $redis, origin => $t);

my $now = time;

sub at { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($now - $_[0])) }


# A page with these tags, published so many seconds ago (undef: nothing said).

sub tagged {
    my ($title, $ago, $tags, %opt) = @_;

    my $html = article(n => 14, words => 6, bare => !$opt{line});
    my $head = qq{<meta property="og:title" content="$title">};

    $head .= qq{<meta property="article:tag" content="$_">} for @$tags;
    $head .= '<meta property="article:published_time" content="' . at($ago)
             . '">' if defined $ago;
    $head .= $opt{head} || '';

    $html =~ s{</head>}{$head</head>};
    $html =~ s{(<article>)}{$1<p>See <a href="$opt{links}">it</a>.</p>}
        if $opt{links};

    return encode('UTF-8', $html);
}


sub kept {
    my ($body, $etag) = @_;

    return { body => $body,
             headers => [ $etag ? qq{ETag: "$etag"} : (),
                          'Cache-Control: max-age=600' ] };
}


my $hostile = '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; Çağ';

# answers 304 to its own tag, and is stale at once

sub short {
    my ($c, $request) = @_;

    my $body = tagged('Short', 50, ['short']);
    my $headers = "ETag: \"s\"\r\nCache-Control: max-age=1, "
                  . "stale-while-revalidate=600\r\n";

    if ($request =~ /^If-None-Match: "s"/mi) {
        print $c "HTTP/1.1 304 Not Modified\r\n$headers\r\n";

    } else {
        print $c "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n$headers",
                 'Content-Length: ', length $body, "\r\n\r\n", $body;
    }
}

$t->origin(
    '/one'   => kept(tagged('One', 3000, ['sea', 'wind']), 'e1'),
    '/two'   => kept(tagged('Two', 2000, ['sea']), 'e2'),
    '/three' => kept(tagged('Three', 1000, ['wind']), 'e3'),
    '/four'  => kept(tagged('Four', 500, ['sea', 'wind']), 'e4'),
    '/noetag' => kept(tagged('No tag', 400, ['wind'])),
    '/links' => kept(tagged('Links', 300, ['wind'], links => '/three'), 'e5'),
    '/line'  => kept(tagged('Line', 200, ['wind'], line => 1), 'e6'),
    '/recorded' => kept(tagged('Recorded', 150, ['wind']), 'e7'),
    '/undated' => kept(tagged('Undated', undef, ['dates']), 'e8'),
    '/future' => kept(tagged('Future', -10 * 86400, ['dates']), 'e9'),
    '/ahead' => kept(tagged('Ahead', -600, ['dates']), 'e10'),
    '/ancient' => kept(tagged('Ancient', 91 * 86400, ['dates']), 'e11'),
    '/canonical' => kept(tagged('Canonical', 100, ['where'],
               head => '<link rel="canonical" href="/canon?x=1">'), 'e12'),
    '/elsewhere' => kept(tagged('Elsewhere', 100, ['where'],
        head => '<link rel="canonical" href="https://e.example/x">'), 'e13'),
    '/args'  => kept(tagged('Args', 90, ['where']), 'e14'),
    '/cookie' => { body => tagged('Cookie', 80, ['where']),
                   headers => ['Set-Cookie: a=b'] },
    '/bad'   => kept(tagged($hostile, 70, ['bad']), 'e15'),
    '/victim' => kept(tagged('Victim', 60, ['bad']), 'e16'),
    '/broken' => kept(tagged('Broken', undef, ['broken', 'bad']), 'e24'),
    '/cms'   => kept(tagged('CMS', 40, ['cms tag', 'Café']), 'e17'),
    '/off/one' => kept(tagged('Off', 30, ['sea', 'off']), 'e18'),
    '/week/one' => kept(tagged('Week', 20, ['aged']), 'e19'),
    '/paused' => kept(tagged('Paused', 10, ['sea']), 'e20'),
    '/two-max/one' => kept(tagged('Max', 5, ['sea', 'wind']), 'e21'),
    '/opinion/one' => kept(tagged('Opinion', 5, ['sea']), 'e22'),
    '/short' => \&short,
    '/away' => kept(tagged('Away', 5, ['sea']), 'e23'),
    map({ ("/many/$_" => kept(tagged("Many $_", 5000 - $_, ['many']))) }
        1 .. 8),
);

my $locations = <<'END';
    editorial on;
    editorial_cache on;
    editorial_desk news;
    editorial_read_more box after=2 every=3 max=9;
    editorial_read_more bold label=Bold after=2 every=3;

    add_header X-Status $editorial_status always;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /off/ {
        editorial_related off;
        proxy_pass http://%%ORIGIN%%;
    }

    location /week/ {
        editorial_related 1w;
        proxy_pass http://%%ORIGIN%%;
    }

    location /two-max/ {
        editorial_read_more box after=2 every=3 max=2;
        proxy_pass http://%%ORIGIN%%;
    }

    location /opinion/ {
        editorial_desk opinion;
        proxy_pass http://%%ORIGIN%%;
    }

    location /console/ {
        editorial off;
        editorial_console user=$http_x_user;
    }
END

my $conf = <<"END";
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;
editorial_zone pages:8m;

server {
    listen %%PORT%%;
$locations
}
END

(my $zoneless = $conf) =~ s/editorial_zone.*//;
$zoneless =~ s/location \/console\/ \{.*?\}//s;

$t->run($conf);
$other->run($conf);
$alone->run($zoneless);

ok($redis->wait_for_clients(4, 1), 'connected');

# What the boxes of a page link, in order.

sub links {
    my @urls = $_[0] =~ m{<aside\ class="editorial-read-more"\ 
                          data-editorial="read_more/box"[^>]*>
                          .*?<a\ href="([^"]*)"}gx;

    return "@urls";
}


sub list_of { $redis->command('ZRANGE', "editorial:related:$_[0]", 0, -1) }


# Asks until the page links these: the response.

sub comes_to {
    my ($path, $want, $name, $from) = @_;

    my $r;

    eventually(sub { links(($r = ($from || $t)->get($path))->{body}) eq $want },
               3);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is(links($r->{body}), $want, $name);

    return $r;
}


# what is written

my $r = $t->get('/one');
is(links($r->{body}), '', 'the first article has none to link');
eventually(sub { @{ list_of('news:wind') } == 1 }, 2);

my ($line) = @{ list_of('news:sea') };
is_deeply(JSON::PP->new->decode($line),
          { url => '/one', host => 'localhost', title => 'One' },
          'it stands in the list of its tag');
is_deeply(list_of('news:wind'), [$line], '... of each tag');
is($redis->command('ZSCORE', 'editorial:related:news:sea', $line),
   int($now) - 3000, '... by its time');

my $ttl = $redis->command('TTL', 'editorial:related:news:sea');
ok($ttl > 89 * 86400 && $ttl <= 90 * 86400, '... for 90 days');

# what is linked

$r = $t->get('/two');
is($r->{headers}{'x-status'}, 'MISS', 'a second one');
is(links($r->{body}), '', '... is not kept waiting for that');

my $first = $r->{headers}{etag};

$r = comes_to('/two', '/one', '... and links the first, a moment later');
is($r->{headers}{'x-status'}, 'HIT', '... from the cache');
isnt($r->{headers}{etag}, $first, '... under another tag');
is($t->asked('/two'), 1, '... its origin was asked once');
like($r->{body}, qr{<a href="/one">One</a></aside>}, '... by its title');
is(stripped($r->{body}), stripped($t->get('/two')->{body}), '... steadily');

$t->get('/three');
comes_to('/three', '/one', 'by its own tags only');
$t->get('/four');
my $four = comes_to('/four', '/three /two /one', 'the newest first');
unlike($t->log, qr/\[error\]|damaged|ERR/, 'nothing to complain of');

comes_to('/two', '/one', 'a page that is kept stays as it is');

$t->get('/noetag');
comes_to('/noetag', '/four /three /one', 'without a tag of its origin');

# another server, with and without a zone

for my $case ([ 'another server', $other ], [ 'one without a zone', $alone ]) {
    my ($name, $server) = @$case;

    $r = $server->get('/four');
    is(links($r->{body}), '/three /two /one', "$name has the same links");
    is($r->{headers}{etag}, $four->{headers}{etag}, '... and the same tag');
}

is($t->asked('/four'), 1, '... and nobody asked the origin again');

$alone->get('/many/1');
$alone->get('/many/2');
comes_to('/many/2', '/many/1', 'without a zone', $alone);
comes_to('/many/2', '/many/1', '... and there for all', $other);

# what is not

$t->get('/links');
comes_to('/links', '/noetag /four /one', 'not what the article links');
$t->get('/line');
sleep 0.2;
is(scalar(() = $t->get('/line')->{body} =~ /data-editorial="read_more\/box"/g),
   1, 'where the text gives one: no more');

$redis->command('SET', 'editorial:article:/recorded',
                '{"read_more":[{"url":"/r","title":"R"}]}');
$t->get('/recorded');
sleep 0.2;
is(links($t->get('/recorded')->{body}), '/r',
   'where the record gives one: only that');
$redis->command('DEL', 'editorial:article:/recorded');
comes_to('/recorded', '/line /links /noetag /four', 'without its record');
is($t->asked('/recorded'), 1, '... the origin is not asked');

$t->get("/$_") for qw(undated future ahead ancient);
sleep 0.2;
is(join(' ', map { JSON::PP->new->decode($_)->{url} }
                 @{ list_of('news:dates') }), '/ahead',
   'listed: neither undated, nor of next week, nor too old');
cmp_ok($redis->command('ZSCORE', 'editorial:related:news:dates',
                       list_of('news:dates')->[0]), '<=', time,
       'a clock that is ahead is not believed');

$t->get("/$_") for qw(canonical elsewhere args?b=2&utm_source=x&a=1 cookie);
sleep 0.2;
is(join(' ', sort map { JSON::PP->new->decode($_)->{url} }
                      @{ list_of('news:where') }), '/args?a=1&b=2 /canon?x=1',
   'by its canonical path, or without ignored arguments; only what is stored');

# titles and URLs of others

$t->get('/bad');
eventually(sub { @{ list_of('news:bad') } == 1 }, 2);
$t->get('/victim');
$r = comes_to('/victim', '/bad', 'a hostile title');
like($r->{body},
     qr{<a\ href="/bad">"&gt;&lt;script&gt;alert\(1\)&lt;/script&gt;\ &amp;\ 
        \xc3\x87a\xc4\x9f</a>}x, '... is text');

# a list that a CMS has written

my $key = 'editorial:related:news:cms tag';
my @lines = (
    [ 100, '{"url":"/a","title":"A"}' ],
    [ 90, '{"path":"/b","title":"B"}' ],
    [ 80, '/c C and more' ],
    [ 70, '{"url":"http://localhost/d","title":"D"}' ],
    [ 60, '{"url":"https://e.example/e","title":"E"}' ],
    [ 50, '{"url":"javascript:alert(1)","title":"F"}' ],
    [ 40, '{"url":"//e.example/g","title":"G"}' ],
    [ 30, 'rubbish' ],
    [ 20, '{"url":"/cms","title":"Itself"}' ],
    [ -99_999, '{"url":"/tomorrow","title":"H"}' ],
    [ 91 * 86400, '{"url":"/old","title":"I"}' ],
);

$redis->command('ZADD', $key, int($now) - $_->[0], $_->[1]) for @lines;
$redis->command('ZADD', encode('UTF-8', 'editorial:related:news:Café'),
                int($now) - 95, '{"url":"/accent","title":"J"}');

$t->get('/cms');
$r = comes_to('/cms', 'http://localhost/d /c /b /accent',
              'lists of a CMS, merged, with what must not be linked left out');
unlike($r->{body}, qr/e\.example|alert|tomorrow/, '... nowhere');

# a key that is no list leaves the other tags' lists

$redis->command('SET', 'editorial:related:news:broken', 'no list');
$t->get('/broken');
comes_to('/broken', '/victim /bad', 'a key of another type');

# the list is read anew when the page is refreshed, and a line is written once

$t->get('/short');
sleep 0.2;
is(links($t->get('/short')->{body}), '', 'a page that is stale soon');

my ($written) = @{ list_of('news:short') };
$redis->command('ZREM', 'editorial:related:news:short', $written);
$redis->command('ZADD', 'editorial:related:news:short', int($now) - 9,
                '{"url":"/fresh","title":"Fresh"}');
sleep 1.2;
$r = comes_to('/short', '/fresh', 'a page that was found unchanged');
is(scalar @{ list_of('news:short') }, 1, '... is not listed again');

comes_to('/short', '/fresh', '... the other server', $other);

# a new title takes the old one's place

$redis->command('ZADD', 'editorial:related:news:sea', int($now) - 1999,
                '{"url":"/two","host":"localhost","title":"Old title"}');
$redis->command('DEL', 'editorial:page:{http://localhost/two}');
sleep 0.1;
$t->get('/two');
sleep 0.2;
is(scalar(grep { /"\/two"/ } @{ list_of('news:sea') }), 1,
   'an article is listed once');

# how many

$t->get("/many/$_") for 3 .. 8;
sleep 0.2;
$t->get('/two-max/one');
comes_to('/two-max/one', '/recorded /line', 'as many as max says');

# editions

$r = $t->get('/four');
is($r->{headers}{'x-status'}, 'HIT', 'a page with links');

$redis->command('HSET', 'editorial:desk:news', 'read_more',
                '{"mode":"off"}');
ok(eventually(sub { $t->get('/four')->{body} !~ /data-editorial/ }, 2),
   'switched off');

$redis->command('HSET', 'editorial:desk:news', 'read_more',
                '{"mode":"on","variant":"bold"}');
ok(eventually(sub { $t->get('/four')->{body}
                        =~ m{read_more/bold".*?href="/three"}s }, 2),
   'switched to another variant');

$redis->command('HDEL', 'editorial:desk:news', 'read_more');
comes_to('/four', '/three /two /one', 'and back');
is($t->asked('/four'), 1, 'all that without the origin');

my $gz = $t->get('/four', 'Accept-Encoding: gzip');
eventually(sub { ($gz = $t->get('/four', 'Accept-Encoding: gzip'))
                     ->{headers}{'content-encoding'} }, 2);
is(gunzip($gz->{body}), $t->get('/four')->{body}, 'compressed');
is($t->get('/four', 'If-None-Match: ' . $t->get('/four')->{headers}{etag})
       ->{status}, 304, 'its tag is known again');

# the configuration

$t->get('/off/one');
$t->get('/opinion/one');
sleep 0.2;
is(links($t->get('/off/one')->{body}), '', 'off');
is(scalar @{ list_of('news:off') }, 0, '... nor is it listed');
is(links($t->get('/opinion/one')->{body}), '', 'another desk has its own');

$redis->command('ZADD', 'editorial:related:news:aged', int($now) - 8 * 86400,
                '{"url":"/eight","title":"E"}');
$redis->command('ZADD', 'editorial:related:news:aged', int($now) - 6 * 86400,
                '{"url":"/six","title":"S"}');
$t->get('/week/one');
comes_to('/week/one', '/six', 'not older than configured');

# the editors' list

$r = $t->get('/console/api/articles?count=512');
my %articles = map { ($_->{url} => $_) }
                   @{ JSON::PP->new->utf8->decode($r->{body})->{articles} };
is_deeply($articles{'http://localhost/four'}{problems}, [],
          'an article with related links has a link');
is($articles{'http://localhost/four'}{pieces}{read_more}, 3, '... three');

$r = $other->get('/console/api/articles?count=512');
%articles = map { ($_->{url} => $_) }
                @{ JSON::PP->new->utf8->decode($r->{body})->{articles} };
is($articles{'http://localhost/four'}{title}, 'Four',
   'a page that came from another server is listed, too');

# Redis that hangs: nobody waits

$t->get('/one') for 1 .. 3;
$redis->pause;
my $began = time;
$r = $t->get('/away');
my $took = time - $began;
$redis->resume;

is($r->{status}, 200, 'while Redis hangs');
cmp_ok($took, '<', 3, '... a page waits for its look-up only');
ok(eventually(sub { $t->get('/four')->{status} == 200 }, 3), '... and on');

# and one that is gone

$redis->stop;
$r = $t->get('/paused');
is($r->{status}, 200, 'without Redis');
is(links($r->{body}), '', '... no links');
is(links($t->get('/four')->{body}), '/three /two /one',
   '... but those that are known');

$t->done($other, $alone);
