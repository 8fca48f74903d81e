#!/usr/bin/perl

# POST api/purge, where there is no Redis: by key, by tag, by address, all.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep time);

my $t = Test::Editorial->new(workers => 2);

my %tags = (
    a => 'news tides',
    b => 'news',
    c => 'newsroom tides-2 xnews',
    d => '',
    e => ' news   front ',
);

for my $name (keys %tags) {
    $t->origin("/$name" => { body => article(),
                             headers => ['Cache-Control: max-age=600',
                                         "Surrogate-Key: $tags{$name}"] });
}

$t->origin('/slow' => sub {
    my ($c, $request) = @_;

    sleep 0.5;
    $t->send_page($c, { body => article(),
                        headers => ['Cache-Control: max-age=600',
                                    'Surrogate-Key: slow'] });
});

$t->run(<<'END');
editorial_zone pages:32m;

server {
    listen %%PORT%%;
    server_name localhost www.example.com;

    editorial on;
    editorial_cache on;

    location / {
        add_header X-Status $editorial_status;
        proxy_pass http://%%ORIGIN%%;
    }

    location /by-cookie/ {
        editorial_cache_key $cookie_x|$uri;
        add_header X-Status $editorial_status;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /console/ {
        editorial_console user=anna;
    }

    location = /metrics {
        editorial_metrics;
    }
}
END

my $purged = 0;

# by key

fill(qw(a b));

is(purge(key => 'http://localhost/a'), 1, 'by key');
is(status('/a'), 'MISS', '... it is gone');
is(status('/b'), 'HIT', '... another is not');
is(purge(key => 'http://localhost/none'), 0, 'a key that is not there');
is(purge(key => 'http://localhost/a'), 1, 'once it is there again');
is(purge(key => 'http://localhost/a'), 0, '... and once it is not');

# by tag

fill(qw(a b c d e));

is(purge(tag => 'none'), 0, 'a tag of no page');
is(purge(tag => 'new'), 0, '... which begins that of one');
is(purge(tag => 'news'), 3, 'a tag of three pages');
is(purge(tag => 'news'), 0, '... which it is once');
is(join(' ', map { status("/$_") } qw(a b c d e)), 'MISS MISS HIT HIT MISS',
   '... the others are there');
is(purge(tag => 'front'), 1, 'the last tag');
is(purge(tag => 'tides'), 1, '... another');

# by address

fill(qw(a b));
is(status('/a?x=2&utm_source=z&x=1') . status('/a?x=2&x=1'), 'MISSHIT',
   'a page with arguments');

is(purge(url => "http://LocalHost:${\$t->port}/a"), 1, 'by address');
is(status('/a'), 'MISS', '... it is gone');
is(status('/a?x=2&x=1'), 'HIT', '... with arguments it is another');
is(purge(url => '/a?x=2&gclid=1&x=1#top'), 1, '... that is purged with them');
is(purge(url => 'https://localhost/a'), 1, '... the scheme does not count');
is(purge(url => '//localhost/x/../b'), 1, '... nor how the path is written');
is(purge(url => 'http://www.example.com/a'), 0, '... but the host does');

status('/by-cookie/a', 'Cookie: x=1');
status('/by-cookie/a', 'Cookie: x=2');
is(purge(url => '/by-cookie/a'), 2, 'every stored key of it');

status('/a', 'Host: www.example.com');
status('/a');
is(purge(url => 'https://www.example.com/a'), 1, 'of another host');
is(status('/a'), 'HIT', '... that alone');

# all

fill(qw(a b c d e));

is(purge(all => JSON::PP::true()), 5, 'all');
is(purge(all => JSON::PP::true()), 0, '... none are left');
is(join(' ', map { status("/$_") } qw(a b c d e)),
   'MISS MISS MISS MISS MISS', '... all are gone');

# what is asked wrongly

for my $body ('{}', '{"key":"x","tag":"y"}', '{"all":true,"key":"x"}',
              '{"key":""}', '{"tag":""}', '{"url":""}', '{"tag":"a b"}',
              '{"url":"x"}', '{"url":"ftp://localhost/a"}',
              '{"url":"http://"}', '{"url":"http://u:p@localhost/a"}',
              '{"url":"/../../a"}', '{"url":"http://localhost/\u0001"}')
{
    my $r = post($body);
    is($r->{status}, 400, $body);
    like($r->{body}, qr/"detail":"\S/, '... why');
}

is(status('/a'), 'HIT', '... does nothing');

# a page that is under way

for my $what ([url => '/slow'], [key => 'http://localhost/slow'],
              [tag => 'slow'])
{
    my $c = $t->connection;

    Test::Editorial::put($c, "GET /slow HTTP/1.1\r\nHost: localhost\r\n"
                             . "Connection: close\r\n\r\n");
    sleep 0.2;
    is(purge(@$what), 0, "under way: $what->[0]");
    1 while sysread $c, my $rest, 65536;
    is(status('/slow'), 'MISS', '... it is not stored');
    is(status('/slow'), 'HIT', '... the next one is');
    is(purge(@$what), 1, '... and removed');
}

my ($counted) = $t->get('/metrics')->{body} =~ /^editorial_purged_total (\d+)/m;
is($counted, $purged, 'all of them are counted');

# a client that does not wait

fill(qw(a b));
{
    my $c = $t->connection;
    my $body = '{"tag":"news"}';

    Test::Editorial::put($c, "POST /console/api/purge HTTP/1.1\r\n"
        . "Host: localhost\r\nContent-Type: application/json\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body");
    close $c;
}
sleep 0.2;
is(status('/a'), 'MISS', 'a client that does not wait');
like($t->log, qr/"anna" did purge \{"tag":"news"\}: \{"purged":2\}/,
     '... it is written down');

$t->done;


# Stores pages, those alone.

sub fill {
    my (@names) = @_;

    purge(all => JSON::PP::true());

    is(status("/$_") . status("/$_"), 'MISSHIT', "/$_ is stored") for @names;
}


sub status {
    my ($path, @headers) = @_;

    return $t->get($path, @headers)->{headers}{'x-status'};
}


sub post {
    my ($body) = @_;

    return $t->raw(join "\r\n", 'POST /console/api/purge HTTP/1.1',
                   'Host: localhost', 'Connection: close',
                   'Content-Type: application/json',
                   'Content-Length: ' . length $body, '', $body);
}


sub purge {
    my (%what) = @_;

    my $r = post(JSON::PP::encode_json(\%what));
    my $n = JSON::PP::decode_json($r->{body})->{purged};

    $purged += $n;

    return $n;
}
