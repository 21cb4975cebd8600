;; Ranks what was drawn with replacement anew, four resamples side by side in a vector of i32.
(module
  (import "js" "memory" (memory 1))

  ;; Twice the midranks, minus their mean, of one side of a sample. Its entries are in ascending order, each the bytes from
  ;; $weights to the weights of its cluster and from $scores to its score. At $stretches is where each stretch of entries
  ;; without equals ends, and where the group of equal ones after it does, or the same where there is none. A group of weight
  ;; w after others of weight b has the ranks b + 1 ... b + w, of which twice the mean is 2b + w + 1. What ties do to the
  ;; sum of squares, the sum over groups of w^3 minus that of its members, is left at $ties as f64.
  (func $rank
    (param $weights i32) (param $total v128) (param $entry i32) (param $stretches i32) (param $last i32)
    (param $scores i32) (param $ties i32)
    (local $end i32) (local $at i32) (local $base v128) (local $weight v128) (local $score v128) (local $cubes v128)
    (local $low v128) (local $high v128)
    (local.set $base (i32x4.neg (local.get $total)))
    (block $ranked
      (loop $stretch
        (br_if $ranked (i32.ge_u (local.get $stretches) (local.get $last)))
        (local.set $end (i32.load (local.get $stretches)))
        (block $placed
          (loop $place
            (br_if $placed (i32.ge_u (local.get $entry) (local.get $end)))
            (local.set $weight (v128.load (i32.add (local.get $weights) (i32.load (local.get $entry)))))
            (local.set $score (i32x4.add (local.get $base) (local.get $weight)))
            (v128.store
              (i32.add (local.get $scores) (i32.load offset=4 (local.get $entry)))
              (local.get $score))
            (local.set $base (i32x4.add (local.get $score) (local.get $weight)))
            (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
            (br $place)))
        (local.set $end (i32.load offset=4 (local.get $stretches)))
        (local.set $stretches (i32.add (local.get $stretches) (i32.const 8)))
        (br_if $stretch (i32.ge_u (local.get $entry) (local.get $end)))
        (local.set $at (local.get $entry))
        (local.set $score (v128.const i32x4 0 0 0 0))
        (local.set $cubes (v128.const i32x4 0 0 0 0))
        (loop $add
          (local.set $weight (v128.load (i32.add (local.get $weights) (i32.load (local.get $at)))))
          (local.set $score (i32x4.add (local.get $score) (local.get $weight)))
          (local.set $cubes
            (i32x4.add (local.get $cubes)
              (i32x4.mul (local.get $weight) (i32x4.mul (local.get $weight) (local.get $weight)))))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br_if $add (i32.lt_u (local.get $at) (local.get $end))))
        (local.set $low
          (f64x2.add (local.get $low)
            (f64x2.sub (call $cube (local.get $score)) (f64x2.convert_low_i32x4_s (local.get $cubes)))))
        (local.set $high
          (f64x2.add (local.get $high)
            (f64x2.sub
              (call $cube (call $upper (local.get $score)))
              (f64x2.convert_low_i32x4_s (call $upper (local.get $cubes))))))
        (local.set $weight (local.get $score))
        (local.set $score (i32x4.add (local.get $base) (local.get $weight)))
        (local.set $base (i32x4.add (local.get $score) (local.get $weight)))
        (loop $equals
          (v128.store
            (i32.add (local.get $scores) (i32.load offset=4 (local.get $entry)))
            (local.get $score))
          (local.set $entry (i32.add (local.get $entry) (i32.const 8)))
          (br_if $equals (i32.lt_u (local.get $entry) (local.get $end))))
        (br $stretch)))
    (v128.store (local.get $ties) (local.get $low))
    (v128.store offset=16 (local.get $ties) (local.get $high)))

  ;; The upper two of four.
  (func $upper (param $four v128) (result v128)
    (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $four) (local.get $four)))

  ;; x^3 of the lower two of four.
  (func $cube (param $four v128) (result v128)
    (local $x v128)
    (local.set $x (f64x2.convert_low_i32x4_s (local.get $four)))
    (f64x2.mul (local.get $x) (f64x2.mul (local.get $x) (local.get $x))))

  ;; The sums of weight * x * y over $clusters clusters of so many places each, left at $sums as f64.
  (func $multiply
    (param $weights i32) (param $sizes i32) (param $clusters i32) (param $x i32) (param $y i32) (param $sums i32)
    (local $last i32) (local $end i32) (local $weight v128) (local $left v128) (local $right v128)
    (local $low v128) (local $high v128) (local $sumLow v128) (local $sumHigh v128)
    (local.set $last (i32.add (local.get $sizes) (i32.shl (local.get $clusters) (i32.const 2))))
    (block $multiplied
      (loop $cluster
        (br_if $multiplied (i32.ge_u (local.get $sizes) (local.get $last)))
        (local.set $end (i32.add (local.get $x) (i32.shl (i32.load (local.get $sizes)) (i32.const 4))))
        (local.set $low (v128.const i64x2 0 0))
        (local.set $high (v128.const i64x2 0 0))
        (block $added
          (loop $add
            (br_if $added (i32.ge_u (local.get $x) (local.get $end)))
            (local.set $left (v128.load (local.get $x)))
            (local.set $right (v128.load (local.get $y)))
            (local.set $low
              (i64x2.add (local.get $low) (i64x2.extmul_low_i32x4_s (local.get $left) (local.get $right))))
            (local.set $high
              (i64x2.add (local.get $high) (i64x2.extmul_high_i32x4_s (local.get $left) (local.get $right))))
            (local.set $x (i32.add (local.get $x) (i32.const 16)))
            (local.set $y (i32.add (local.get $y) (i32.const 16)))
            (br $add)))
        (local.set $weight (v128.load (local.get $weights)))
        (local.set $sumLow
          (i64x2.add (local.get $sumLow)
            (i64x2.mul (local.get $low) (i64x2.extend_low_i32x4_s (local.get $weight)))))
        (local.set $sumHigh
          (i64x2.add (local.get $sumHigh)
            (i64x2.mul (local.get $high) (i64x2.extend_high_i32x4_s (local.get $weight)))))
        (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
        (local.set $sizes (i32.add (local.get $sizes) (i32.const 4)))
        (br $cluster)))
    (f64.store (local.get $sums) (f64.convert_i64_s (i64x2.extract_lane 0 (local.get $sumLow))))
    (f64.store offset=8 (local.get $sums) (f64.convert_i64_s (i64x2.extract_lane 1 (local.get $sumLow))))
    (f64.store offset=16 (local.get $sums) (f64.convert_i64_s (i64x2.extract_lane 0 (local.get $sumHigh))))
    (f64.store offset=24 (local.get $sums) (f64.convert_i64_s (i64x2.extract_lane 1 (local.get $sumHigh)))))

  ;; How many were drawn, the sum of weight * size over the clusters. Without ties the sum of squares of the scores is a third
  ;; of its cube minus the sum of weight^3 * size, which is left at $spread as f64.
  (func $drawn (param $weights i32) (param $sizes i32) (param $clusters i32) (param $spread i32) (result v128)
    (local $last i32) (local $sum v128) (local $low v128) (local $high v128) (local $weight v128) (local $size v128)
    (local.set $last (i32.add (local.get $sizes) (i32.shl (local.get $clusters) (i32.const 2))))
    (block $done
      (loop $add
        (br_if $done (i32.ge_u (local.get $sizes) (local.get $last)))
        (local.set $weight (v128.load (local.get $weights)))
        (local.set $size (v128.load32_splat (local.get $sizes)))
        (local.set $sum (i32x4.add (local.get $sum) (i32x4.mul (local.get $weight) (local.get $size))))
        (local.set $size (f64x2.convert_low_i32x4_s (local.get $size)))
        (local.set $low
          (f64x2.add (local.get $low) (f64x2.mul (local.get $size) (call $cube (local.get $weight)))))
        (local.set $high
          (f64x2.add (local.get $high) (f64x2.mul (local.get $size) (call $cube (call $upper (local.get $weight))))))
        (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
        (local.set $sizes (i32.add (local.get $sizes) (i32.const 4)))
        (br $add)))
    (v128.store (local.get $spread) (f64x2.sub (call $cube (local.get $sum)) (local.get $low)))
    (v128.store offset=16 (local.get $spread)
      (f64x2.sub (call $cube (call $upper (local.get $sum))) (local.get $high)))
    (local.get $sum))

  ;; Of every resample what $drawn says of the squares, what the ties of x and of y take away, and the sum of
  ;; weight * x * y: one list $stride bytes after the other. The weights of four resamples for a cluster lie side by side,
  ;; then come those for the next cluster, then the next four resamples up to $weightsEnd. Entries and stretches are as $rank
  ;; has them; the scores are room.
  (func (export "sumUp")
    (param $weights i32) (param $weightsEnd i32) (param $sizes i32) (param $clusters i32)
    (param $entriesX i32) (param $stretchesX i32) (param $lastX i32) (param $scoresX i32)
    (param $entriesY i32) (param $stretchesY i32) (param $lastY i32) (param $scoresY i32)
    (param $sums i32) (param $stride i32)
    (local $total v128) (local $list i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $weights) (local.get $weightsEnd)))
        (local.set $list (local.get $sums))
        (local.set $total (call $drawn (local.get $weights) (local.get $sizes) (local.get $clusters) (local.get $list)))
        (local.set $list (i32.add (local.get $list) (local.get $stride)))
        (call $rank (local.get $weights) (local.get $total) (local.get $entriesX) (local.get $stretchesX)
          (local.get $lastX) (local.get $scoresX) (local.get $list))
        (local.set $list (i32.add (local.get $list) (local.get $stride)))
        (call $rank (local.get $weights) (local.get $total) (local.get $entriesY) (local.get $stretchesY)
          (local.get $lastY) (local.get $scoresY) (local.get $list))
        (call $multiply (local.get $weights) (local.get $sizes) (local.get $clusters) (local.get $scoresX)
          (local.get $scoresY) (i32.add (local.get $list) (local.get $stride)))
        (local.set $weights (i32.add (local.get $weights) (i32.shl (local.get $clusters) (i32.const 4))))
        (local.set $sums (i32.add (local.get $sums) (i32.const 32)))
        (br $next)))))
