#!/usr/bin/perl

# Pages that a dry run has looked at can be explained, where they could be
# stored; no reader is served one, and what is stored for readers stays.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep);

my $t = Test::Editorial->new(workers => 2);
my $page = article(n => 12, words => 8);
my $gzip = gzip($page);
my $long = 'Cache-Control: max-age=600';
my $tag = 'Surrogate-Key: news';

# those that tell how often they were asked for

sub counted {
    my ($header) = @_;

    return sub {
        my ($c, $request) = @_;
        my ($path) = $request =~ m{^GET (\S+)};

        $path =~ tr{/}{_};
        open my $asked, '>>', $t->dir . "/asked$path" or die $!;
        syswrite $asked, '.';

        my $n = -s $t->dir . "/asked$path";

        $t->send_page($c, { body => $page =~ s/A story/Version $n/gr,
                            headers => [$header->($n)] });
    };
}

my %cut = (body => $page, headers => [$long], cut => 1);

$t->origin(
    (map { ($_ => { body => $page, headers => [$long, $tag] }) }
         '/story', '/story?page=2', '/args?utm_source=x', '/head', '/range',
         '/session', '/passed', '/forbidden', '/one', '/two', '/three',
         '/four'),
    '/gzip' => { body => $gzip,
                 headers => [$long, 'Content-Encoding: gzip'] },
    '/gzipped' => { body => $gzip, size => 7,
                    headers => [$long, 'Content-Encoding: gzip'] },
    '/truncated' => { body => substr($gzip, 0, -9),
                      headers => [$long, 'Content-Encoding: gzip'] },
    '/none' => { body => '<!DOCTYPE html><p>no article</p>',
                 headers => [$long] },
    '/cut' => \%cut,
    '/private' => { body => $page, headers => ['Cache-Control: private'] },
    '/cookie' => { body => $page, headers => [$long, 'Set-Cookie: a=b'] },
    '/vary' => { body => $page, headers => [$long, 'Vary: User-Agent'] },
    '/missing' => { body => $page, headers => [$long],
                    status => '404 Not Found' },
    '/text' => { body => $page, headers => [$long], type => 'text/plain' },
    '/large' => { body => $page . ' ' x 20000, headers => [$long] },
    '/large-chunked' => { body => $page . ' ' x 20000, size => 4000,
                          headers => [$long] },
    '/same' => counted(sub { $long, 'ETag: "same"' }),
    '/changes' => counted(sub { $long, "ETag: \"$_[0]\"" }),
    '/short' => counted(sub { 'Cache-Control: max-age=1' }),
);

$t->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT%%;
    server_name localhost;

    editorial dry_run;
    editorial_cache on;
    editorial_cache_tag $upstream_http_surrogate_key;
    editorial_cache_bypass $http_x_pass;
    editorial_no_cache $http_x_forbid;
    editorial_article_id $editorial_uri;
    editorial_read_more box after=2 every=3;
    editorial_max_size 16k;
    add_header X-Status "$editorial_status|$editorial_tier" always;

    location / {
        editorial_desk opinion;
        proxy_pass http://%%ORIGIN%%;
    }

    location /uncached/ {
        editorial_cache off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /keyed/ {
        editorial_cache_key $uri|$http_x_key;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /console/ {
        editorial off;
        editorial_console user=anna;
    }

    location = /metrics {
        editorial off;
        editorial_metrics;
    }
}

server {
    listen %%PORT1%%;
    server_name localhost;

    editorial on;
    editorial_cache on;
    editorial_desk opinion;
    editorial_read_more box after=2 every=3;
    add_header X-Status $editorial_status always;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }
}
END

# what is said of it

is(explained('/story', 404)->{dry_run}, undef, 'nobody has looked at it');

my $r = $t->get('/story');

same($r->{body}, $page, 'a dry run');
is($r->{headers}{'x-status'}, 'OFF|', '... looks nothing up');
is($r->{headers}{$_}, undef, "... and has no $_") for 'cache-status', 'age';

my $said = explained('/story');

is($said->{dry_run}, JSON::PP::true(), 'it is explained, as one of a dry run');
is($said->{url}, 'http://localhost/story', '... url');
is($said->{id}, '/story', '... id');
is($said->{desk}, 'opinion', '... desk');
is($said->{note}, undef, '... by its own policy');
is(scalar @{ $said->{blocks} }, 14, '... its blocks');
is_deeply([ map { "$_->{feature}/$_->{variant}" } @{ $said->{placements} } ],
          ['read_more/box'], '... what would be placed');
is($said->{placements}[0]{at}, index($page, '<p>READ MORE'), '... where');

for my $path ('/gzip', '/gzipped', '/none', '/story?page=2') {
    $t->get($path, 'Accept-Encoding: gzip');
    is(explained($path)->{dry_run}, JSON::PP::true(), "$path: explained");
}

is(scalar @{ explained('/gzipped')->{blocks} }, 14, '... whole');

$t->get('/keyed/story', "X-Key: $_") for 'a', 'b';
is(explained('/keyed/story')->{dry_run}, JSON::PP::true(), 'under a key');

my @listed = @{ JSON::PP::decode_json(
                    $t->get('/console/api/articles')->{body})->{articles} };
my ($line) = grep { $_->{id} eq '/story' } @listed;

is($line->{title}, 'A story', 'the work list has it');
is_deeply($line->{problems}, [], '... without a problem');

# no reader gets it

my ($first) = $t->get('/story', { port => 1 });

is($first->{headers}{'x-status'}, 'MISS', 'a reader has to wait for his own');
isnt($first->{body}, $page, '... which is furnished');

my $second = $t->get('/story', { port => 1 });

is($second->{headers}{'x-status'}, 'HIT', '... and is stored');
same($second->{body}, $first->{body}, '... as it was sent');

sleep 1.1;
$t->get('/story');
same($t->get('/story', { port => 1 })->{body}, $first->{body},
     '... a dry run does not replace it');

is(counter('editorial_stored_total'), 1, 'one page is stored');
is(zone()->{pages}, 1, '... there is no other');
is(zone()->{misses}, 1, '... that was missed');

# what is not kept

$t->head('/head');
$t->get('/range', 'Range: bytes=0-9');
$t->get('/args?utm_source=x');
$t->get('/session', 'Authorization: Basic YTpi');
$t->get('/passed', 'X-Pass: 1');
$t->get('/forbidden', 'X-Forbid: 1');
$t->get($_, 'Accept-Encoding: gzip')
    for '/truncated', '/cut', '/private', '/cookie', '/vary', '/missing',
        '/text', '/large', '/large-chunked', '/uncached/story';

for my $path ('/head', '/range', '/args', '/session', '/passed', '/forbidden',
              '/truncated', '/cut', '/private', '/cookie', '/vary', '/missing',
              '/text', '/large', '/large-chunked', '/uncached/story')
{
    is(explained($path, 404)->{status}, 404, "$path is not kept");
}

$t->get('/passed');
is(explained('/passed')->{dry_run}, JSON::PP::true(), '... but may be');

# not at each request

for my $path ('/same', '/changes', '/short') {
    $t->get($path) for 1 .. 5;
    is(explained($path)->{blocks}[0]{text}, 'Version 1',
       "$path: the first of five is kept");
}

# purges

$t->get("/$_") for 'one', 'two', 'three';
$t->get('/two', { port => 1 });

is(purge(url => '/one'), 0, 'purged by address: it is no page for readers');
is(explained('/one', 404)->{status}, 404, '... it is gone');
is(explained('/two')->{status}, undef, '... another is not');
is(purge(key => 'http://localhost/three'), 0, 'by key');
is(explained('/three', 404)->{status}, 404, '... it is gone');
$t->get('/three');
is(purge(tag => 'news'), 2, 'by tag: two are pages for readers');
is(explained('/three', 404)->{status}, 404, '... it is gone');
is(explained('/keyed/story', 404)->{status}, 404, '... as are those of a key');
$t->get('/four');
$t->get('/two', { port => 1 });
is(explained('/two')->{dry_run}, JSON::PP::false(), 'a page for readers');
is(purge(all => JSON::PP::true()), 1, 'all: that one is counted');
is(explained($_, 404)->{status}, 404, "... $_ is gone") for '/four', '/two';

# once they are older

$t->get($_) for '/same', '/changes', '/short';
sleep 10.5;
$t->get($_) for '/same', '/changes', '/short';

is(explained('/same')->{blocks}[0]{text}, 'Version 6',
   'one that is fresh and the same stays');
is(explained('/changes')->{blocks}[0]{text}, 'Version 7',
   'one that has changed does not');
is(explained('/short')->{blocks}[0]{text}, 'Version 7',
   'nor one that is no longer fresh');

$t->done;


# Of a dry run's page, or a problem of that status.

sub explained {
    my ($url, $status) = @_;

    $url =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;

    my $r = $t->get("/console/api/explain?url=$url");

    is($r->{status}, $status || 200, "$url: answered");

    return JSON::PP::decode_json($r->{body});
}


sub purge {
    my (%what) = @_;

    my $body = JSON::PP::encode_json(\%what);
    my $r = $t->raw(join "\r\n", 'POST /console/api/purge HTTP/1.1',
                    'Host: localhost', 'Connection: close',
                    'Content-Type: application/json',
                    'Content-Length: ' . length $body, '', $body);

    return JSON::PP::decode_json($r->{body})->{purged};
}


sub zone {
    return JSON::PP::decode_json(
               $t->get('/console/api/status')->{body})->{zone};
}


sub counter {
    my ($name) = @_;

    return ($t->get('/metrics')->{body} =~ /^$name (\d+)/m)[0];
}
