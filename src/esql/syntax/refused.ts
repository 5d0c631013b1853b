// Parts of ES|QL that this language knows by name and does not speak. Whoever writes one is told so.

export const REFUSED_SOURCES: ReadonlySet<string> = new Set(['show', 'ts', 'explain', 'promql', 'external']);

export const REFUSED_COMMANDS: ReadonlySet<string> = new Set([
  'change_point',
  'completion',
  'dissect',
  'enrich',
  'fork',
  'full',
  'fuse',
  'grok',
  'inline',
  'inlinestats',
  'insist',
  'join',
  'left',
  'lookup',
  'lookup_join',
  'mmr',
  'registered_domain',
  'rerank',
  'right',
  'sample',
  'set',
  'uri_parts',
  'user_agent',
]);

export const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set(
  `absent absent_over_time acos asin atan atan2 avg_over_time bit_length byte_length categorize cbrt chunk clamp clamp_max
  clamp_min contains copy_sign cos cosh count_distinct_over_time count_over_time cosine_similarity date_parse day_name
  decay delta deriv dot_product e embed_text exp field_extract first first_over_time format_bytes from_base64 hamming hash
  hypot idelta increase irate ip_prefix json_extract knn kql l1_norm l2_norm last last_over_time locate log log10 match
  match_phrase max_over_time md5 median_absolute_deviation min_over_time month_name multi_match mv_append mv_contains_all
  mv_difference mv_intersection mv_intersects mv_median mv_median_absolute_deviation mv_percentile mv_pseries_weighted_sum
  mv_union mv_zip network_direction percentile_over_time pi pow present present_over_time qstr range_max range_min
  range_within rate repeat reverse round_to sample scalb score sha1 sha256 signum sin sinh space sparkline sqrt
  st_centroid_agg st_contains st_disjoint st_distance st_envelope st_extent_agg st_geohash st_geohex st_geotile
  st_intersects st_within st_x st_xmax st_xmin st_y st_ymax st_ymin std_dev stddev_over_time sum_over_time tan tanh tau
  tbucket term text_embedding to_aggregate_metric_double to_base64 to_cartesianpoint to_cartesianshape to_date_nanos
  to_date_range to_dateperiod to_degrees to_dense_vector to_geohash to_geohex to_geopoint to_geoshape to_geotile
  to_radians to_timeduration to_unsigned_long to_ul to_ulong to_ver to_version top_snippets trange url_decode url_encode
  url_encode_component v_cosine v_dot_product v_hamming v_l1_norm v_l2_norm v_magnitude values_over_time variance
  weighted_avg`.split(/\s+/),
);

export const REFUSED_TYPES: ReadonlySet<string> = new Set([
  'cartesian_point',
  'cartesian_shape',
  'date_nanos',
  'date_period',
  'date_range',
  'dense_vector',
  'geo_point',
  'geo_shape',
  'geohash',
  'geohex',
  'geotile',
  'time_duration',
  'unsigned_long',
  'ul',
  'ulong',
  'version',
]);

export const notSupported = (name: string): string => `${name.toUpperCase()} is not supported here`;
