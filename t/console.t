#!/usr/bin/perl

# The console in a real browser, with two servers and their Redis behind it: see
# t/browser/console.js.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Test::Redis;
use Test::Relay;

my $browser = "$FindBin::Bin/browser";

for my $package (qw(playwright-core axe-core)) {
    ok(-d "$browser/node_modules/$package",
       "the browser has its $package (npm install)");
}

# each case has a desk of its own

my @desks = qw(
    switch split keyboard conflict late pause reset dates hostile away kept
    results winner purge undo audit looks
);

my $redis = Test::Redis->server;
my $one = Test::Editorial->new(workers => 2, redis => $redis);
my $two = Test::Editorial->new(workers => 2, redis => $redis, origin => $one);

$one->origin(map { ("/$_/story" => { body => article(n => 12),
                                     headers => ['Cache-Control: max-age=600']
                                   }) } @desks);

my $locations = join '', map { <<"END" } @desks;
    location /$_/ {
        editorial_desk $_;
        proxy_pass http://%%ORIGIN%%;
    }
END

$_->run(<<"END") for $one, $two;
editorial_zone pages:8m;
editorial_redis %%REDIS%% timeout=300ms fail_timeout=1s;

server {
    listen %%PORT%%;
    server_name localhost;

    editorial on;
    editorial_cache on;
    editorial_desk switch;
    editorial_read_more box;
    editorial_read_more card after=3;
$locations
    location /console/ {
        editorial_console user=\$http_x_user;
    }
}
END

# a site as it is: two desks, and nothing else to do

my $site = Test::Editorial->new(origin => $one);

$site->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT%%;
    server_name localhost;

    editorial on;
    editorial_desk news;

    location / {
        return 204;
    }

    location /opinion/ {
        editorial_desk opinion;
        return 204;
    }

    location /console/ {
        editorial_desk news;
        editorial_console user=$http_x_user;
    }
}
END

relay('the console', 'node', "$browser/console.js",
      'http://localhost:' . $one->port, 'http://localhost:' . $two->port,
      'http://localhost:' . $site->port, $redis->address, $redis->{pid}, @ARGV);

$one->done($two, $site);
