#!/usr/bin/perl

# GET api/explain: what is placed on a stored page, what is not, and why; from
# the zone, else from Redis, by the record of now, without asking the origin.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use JSON::PP ();
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep);

my $redis = Test::Redis->server;
my $t = Test::Editorial->new(workers => 2, redis => $redis);
my $other = Test::Editorial->new(redis => $redis, origin => $t);
my $node = $t;                           # that is asked
my $page = article(n => 12, words => 8);
my $long = 'Cache-Control: max-age=600';

my ($sentence) = $page =~ m{<p>(Paragraph 3 [^<]*\.)</p>};

$t->origin(map({ ($_ => { body => $page, headers => [$long] }) }
               '/story', '/story?page=2', '/news/story', '/only-redis',
               '/dry/story', '/dry/other',
               '/caf%C3%A9', '/stale'),
           '/none' => { body => '<!DOCTYPE html><p>no article</p>',
                        headers => [$long] },
           '/private' => { body => $page,
                           headers => ['Cache-Control: private'] },
           '/keyed' => sub {
               my ($c, $request) = @_;
               my ($key) = $request =~ /^X-Key: (\S+)/mi;

               $t->send_page($c, { headers => [$long],
                   body => $page =~ s/A story/Version $key/gr });
           });

sub conf {
    my ($policy) = @_;

    return <<"END";
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s fail_timeout=1s;
editorial_zone pages:4m;

server {
    listen %%PORT%%;
    server_name localhost;

    editorial on;
    editorial_cache on;
    editorial_article_id \$editorial_uri;
    add_header X-Status \$editorial_status always;

    location / {
        editorial_desk opinion;
        $policy
        proxy_pass http://%%ORIGIN%%;
    }

    location /news/ {
        editorial_desk news;
        editorial_opinion 1;
        editorial_disclaimer ours text=Ours.;
        proxy_pass http://%%ORIGIN%%;
    }

    location /dry/ {
        editorial dry_run;
        editorial_pull_quote highlight;
        proxy_pass http://%%ORIGIN%%;
    }

    location /keyed {
        editorial_cache_key \$uri|\$http_x_key;
        proxy_set_header X-Key \$http_x_key;
        proxy_pass http://%%ORIGIN%%;
    }

    location /console/ {
        editorial off;
        editorial_console user=\$http_x_user;
    }
}
END
}

$t->run(conf('editorial_read_more box after=2 every=3;'));
ok($redis->wait_for_clients(2, 1), 'connected');

my $host = 'localhost';

# what it says

is($t->get('/story')->{headers}{'x-status'}, 'MISS', 'stored');

my $said = explained('/story');

is($said->{url}, "http://$host/story", 'url');
is($said->{id}, '/story', 'id');
is($said->{desk}, 'opinion', 'desk');
is($said->{record_etag}, undef, 'no record');
is($said->{skip}, undef, 'nothing was skipped');
is($said->{note}, undef, 'nothing to note');

is(substr($page, $said->{article}{start}, 9), '<article>',
   'where the article starts');
is(substr($page, $said->{article}{end} - 10, 10), '</article>',
   '... and ends');

is_deeply([ map { $_->{n} } @{ $said->{blocks} } ], [ 1 .. 14 ],
          'blocks: a heading, a line, 12 paragraphs');
is($said->{blocks}[0]{name}, 'h1', 'a heading');

my $third = $said->{blocks}[4];

is($third->{name}, 'p', 'a paragraph');
is(substr($page, $third->{start}, $third->{end} - $third->{start}),
   "<p>$sentence</p>", '... its bytes');
is(substr($page, $third->{start_tag_end}, 11), 'Paragraph 3', '... its tag');
is($third->{text}, $sentence, '... its text');
is_deeply($third->{sentences}, [$sentence], '... its sentences');

is_deeply([ map { "$_->{feature}/$_->{variant}" } @{ $said->{placements} } ],
          ['read_more/box'], 'what is placed');
is($said->{placements}[0]{at}, index($page, '<p>READ MORE'), '... where');
ok($said->{placements}[0]{reason}, '... why');
is_deeply([ grep { !defined $_->{feature} || !$_->{reason}
                   || !exists $_->{block} } @{ $said->{refusals} } ], [],
          'what is refused, and why');
like(reasons($said, 'disclaimer'), qr/not an opinion piece/,
     'it is no opinion piece');

# how a page is found

is(explained("http://$host/story")->{url}, "http://$host/story", 'by its URL');
is(explained('HTTP://LOCALHOST:8080/story')->{url},
   'http://localhost:8080/story', '... with a port');
is(explained("//$host/story")->{id}, '/story', '... without a scheme');
is(explained("https://$host/story#top")->{url}, "https://$host/story",
   '... of the other scheme');
is(explained('http://127.0.0.1/story', 404)->{status}, 404, 'of another host');

$t->get('/story?page=2&utm_source=x');
is(explained('/story?utm_medium=y&page=2')->{url}, "http://$host/story?page=2",
   'with arguments');

$t->get('/caf%C3%A9');
is(explained(encode('UTF-8', '/café'))->{id}, '/caf%C3%A9', 'not yet escaped');

$t->get('/news/story');
$said = explained('/news/story');
is($said->{desk}, 'news', 'of another desk');
like(join(' ', map { "$_->{feature}/$_->{variant}" }
                   @{ $said->{placements} }), qr{disclaimer/ours},
     '... by its policy, as an opinion piece');

for my $key ('old', 'new') {
    $t->get('/keyed', "X-Key: $key");
    sleep 1.1 if $key eq 'old';
}

is(explained('/keyed')->{blocks}[0]{text}, 'Version new',
   'of several, the newest');

$t->get('/none');
$said = explained('/none');
is($said->{skip}, 'no article', 'a page without an article');
is($said->{article}, undef, '... there is none');
is_deeply([ @$said{qw(blocks placements refusals)} ], [ [], [], [] ],
          '... nor anything of one');

# what is not stored

$t->get('/private');

my $asked = $t->requests;

for my $url ('/private', '/never', "http://$host/private",
             'http://192.0.2.1/story')
{
    is(explained($url, 404)->{detail}, 'no page of that address is stored',
       "$url is not");
}

is($t->requests, $asked, '... and nobody was asked for it');

for my $url ('', 'story', 'ftp://localhost/', 'http:/story', 'http://a@b/') {
    like(explained($url, 400)->{detail}, qr/^"url" must be http:/,
         "'$url' is no address");
}

is($t->get('/console/api/explain')->{status}, 400, 'no address at all');
is($t->head('/console/api/explain?url=/story')->{status}, 200, 'HEAD');
is($t->request('POST', '/console/api/explain?url=/story',
               'Content-Length: 0')->{status}, 405, 'POST');

# by the record of now

record('/story', { pull_quotes => [ { text => $sentence } ] });
$said = explained('/story');
like($said->{record_etag}, qr/^"[0-9a-f]{32}"$/, 'it has a record');

my $etag = $said->{record_etag};

is(quotes($said), 1, '... which is followed at once');

record('/story', { pull_quotes => [ { text => 'It is gone – gone.' } ] });
$said = explained('/story');
isnt($said->{record_etag}, $etag, 'the record has changed');
like(reasons($said, 'pull_quote'),
     qr/the record's quote is not in the text: It is gone – gone\./,
     '... a quote that is not there');

record('/story', { pull_quotes => [ { text => $sentence } ] });
is(explained('/story')->{record_etag}, $etag, 'the same one, the same ETag');

record('/story', { features => { read_more => 'off' } });
like(reasons(explained('/story'), 'read_more'), qr/off does not hide it/,
     'off does not hide what the page has');

record('/story', { read_more => [ { url => "http://$host/story",
                                    title => 'Itself' } ] });
like(reasons(explained('/story'), 'read_more'), qr/is the page itself/,
     'a link to the page itself');

record('/story', { pull_quotes => [ { text => $sentence } ] });
is($t->get('/story')->{headers}{'x-status'}, 'REPLAN', 'a reader came by');
$redis->command('SET', 'editorial:article:/story', '{');
$said = explained('/story');
isnt($said->{record_etag}, $etag, 'a broken record');
is(quotes($said), 1, '... the last good one is in force');

record('/story', { pull_quotes => [ { text => $sentence } ] });
$t->get('/story');

# of a dry run

$t->get('/dry/story');
$said = explained('/dry/story');
is($said->{dry_run}, JSON::PP::true(), 'a page of a dry run');
is(quotes($said), 0, '... which has no record');
is(explained('/story')->{dry_run}, JSON::PP::false(), '... another is none');

record('/dry/story', { pull_quotes => [ { text => $sentence } ] });
$said = explained('/dry/story');
ok(quotes($said), '... by the record of now');
like($said->{record_etag}, qr/^"[0-9a-f]{32}"$/, '... which it names');

$t->get('/dry/other');
ok(eventually(sub { $redis->command('EXISTS',
                         "editorial:page:{http://localhost/news/story}") }, 5),
   'others are in Redis');
is_deeply([ grep { m{dry}i } @{ $redis->command('KEYS',
                                                'editorial:page:*') } ],
          [], '... it is not');

is(purge(url => '/dry/story'), 0, 'purged: it is no page for readers');
is(explained('/dry/story', 404)->{status}, 404, '... it is gone');
is(explained('/dry/other')->{dry_run}, JSON::PP::true(), '... that one only');

# off for some

is(reasons(explained('/caf%C3%A9'), 'read_more') =~ /off does not/, '',
   'a feature that is on');

for (['read_more', '{"mode":"off"}'],
     ['read_more', '{"mode":"test","id":"T","weights":{"box":1,"off":1}}'],
     ['paused', 'true'])
{
    $redis->command('HSET', 'editorial:desk:opinion', @$_);
    ok(eventually(sub { reasons(fetch('/caf%C3%A9'), 'read_more')
                            =~ /off does not hide it/ }, 5),
       "$_->[0] $_->[1]: off does not hide it");
    $redis->command('DEL', 'editorial:desk:opinion');
    ok(eventually(sub { reasons(fetch('/caf%C3%A9'), 'read_more')
                            !~ /off does not hide it/ }, 5), '... taken back');
}

# in Redis alone

$t->get('/only-redis');
record('/only-redis', { pull_quotes => [ { text => $sentence } ] });
ok(eventually(sub { $redis->command('EXISTS',
                         "editorial:page:{http://localhost/only-redis}") }, 5),
   'it is in Redis');

$node = $other;

$other->run(conf('editorial_read_more box after=2 every=3;'));
ok($redis->wait_for_clients(3, 2), 'another server');

$asked = $t->requests;

$said = explained('/only-redis');
is($said->{id}, '/only-redis', '... finds it there');
is($said->{record_etag}, $etag, '... with its record');
is(quotes($said), 1, '... which is followed');
is(explained('/never', 404)->{status}, 404, 'what is not there, either');
is($t->requests, $asked, '... and the origin was not asked');

$node = $t;

# another nginx.conf

is($t->get('/stale')->{headers}{'x-status'}, 'MISS', 'stored');

spew($t->dir . '/nginx.conf',
     $t->conf(conf('editorial_read_more other after=1;')));
$t->reload;
ok(eventually(sub { fetch('/stale')->{note} }, 5), 'its policy is no more');
is($t->get('/stale')->{headers}{'x-status'}, 'REPLAN', '... a reader came');
is(explained('/stale')->{note}, undef, '... and it is known again');
is(explained('/stale')->{placements}[0]{variant}, 'other', '... the new one');

# without Redis

$t->get('/story');
$redis->stop;
ok(eventually(sub { fetch('/never')->{status} == 503 }, 5),
   'Redis cannot be asked');
$said = explained('/story');
is($said->{record_etag}, $etag, 'the record that the page was planned by');
is(quotes($said), 1, '... is followed');

$t->done($other);


sub escape { $_[0] =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger }


# The answer, decoded.

sub fetch {
    my ($url) = @_;

    my $r = $node->get('/console/api/explain?url=' . escape($url));

    return { %{ JSON::PP::decode_json($r->{body}) }, r => $r };
}


# It is of that status, and where that is an error, a problem.

sub explained {
    my ($url, $status) = @_;

    my $json = fetch($url);
    my $r = $json->{r};

    is($r->{status}, $status || 200, "$url: answered");
    is($r->{headers}{'content-type'},
       $status ? 'application/problem+json' : 'application/json',
       '... of that type');

    return $json;
}


# Its quotes: each is highlighted, and an aside.

sub quotes {
    my ($json) = @_;

    return grep({ $_->{feature} eq 'pull_quote' } @{ $json->{placements} })
           / 2;
}


sub reasons {
    my ($json, $feature) = @_;

    return join "\n", map { $_->{reason} }
                          grep { $_->{feature} eq $feature }
                               @{ $json->{refusals} };
}


sub purge {
    my (%what) = @_;

    my $body = JSON::PP::encode_json(\%what);
    my $r = $t->raw(join "\r\n", 'POST /console/api/purge HTTP/1.1',
                    'Host: localhost', 'X-User: anna', 'Connection: close',
                    'Content-Type: application/json',
                    'Content-Length: ' . length $body, '', $body);

    return JSON::PP::decode_json($r->{body})->{purged};
}


sub record {
    my ($id, $record) = @_;

    $redis->command('SET', "editorial:article:$id",
                    JSON::PP->new->utf8->canonical->encode($record));
}
