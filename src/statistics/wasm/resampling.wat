;; Sums over what was drawn with replacement, in float64 SIMD.
(module
  (import "js" "memory" (memory 1))

  ;; For each resample, the sum over $count clusters of weight * value. Weights are f64, which saves converting them: those
  ;; of eight resamples for a cluster side by side, then the next cluster, then the next eight resamples up to $end. A sum
  ;; is left for each.
  (func (export "addUp")
    (param $weights i32) (param $end i32) (param $values i32) (param $count i32) (param $sums i32)
    (local $value i32) (local $last i32) (local $x v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $last (i32.add (local.get $values) (i32.shl (local.get $count) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $weights) (local.get $end)))
        (local.set $value (local.get $values))
        (local.set $a (v128.const f64x2 0 0))
        (local.set $b (v128.const f64x2 0 0))
        (local.set $c (v128.const f64x2 0 0))
        (local.set $d (v128.const f64x2 0 0))
        (block $summed
          (loop $add
            (br_if $summed (i32.ge_u (local.get $value) (local.get $last)))
            (local.set $x (v128.load64_splat (local.get $value)))
            (local.set $a (f64x2.add (local.get $a)
              (f64x2.mul (local.get $x) (v128.load (local.get $weights)))))
            (local.set $b (f64x2.add (local.get $b)
              (f64x2.mul (local.get $x) (v128.load offset=16 (local.get $weights)))))
            (local.set $c (f64x2.add (local.get $c)
              (f64x2.mul (local.get $x) (v128.load offset=32 (local.get $weights)))))
            (local.set $d (f64x2.add (local.get $d)
              (f64x2.mul (local.get $x) (v128.load offset=48 (local.get $weights)))))
            (local.set $weights (i32.add (local.get $weights) (i32.const 64)))
            (local.set $value (i32.add (local.get $value) (i32.const 8)))
            (br $add)))
        (v128.store (local.get $sums) (local.get $a))
        (v128.store offset=16 (local.get $sums) (local.get $b))
        (v128.store offset=32 (local.get $sums) (local.get $c))
        (v128.store offset=48 (local.get $sums) (local.get $d))
        (local.set $sums (i32.add (local.get $sums) (i32.const 64)))
        (br $next))))

  ;; Pearson's r of each resample, in place of its sum of products xy. After the products, from which on every list is
  ;; $stride bytes further on, come n, the sum of x, its spread n * sum of squares - (sum)^2, and both of y. NaN without
  ;; spread on a side.
  (func (export "correlate") (param $products i32) (param $stride i32) (param $end i32)
    (local $n i32) (local $x i32) (local $spreadX i32) (local $y i32) (local $spreadY i32) (local $spread v128)
    (local.set $n (i32.add (local.get $products) (local.get $stride)))
    (local.set $x (i32.add (local.get $n) (local.get $stride)))
    (local.set $spreadX (i32.add (local.get $x) (local.get $stride)))
    (local.set $y (i32.add (local.get $spreadX) (local.get $stride)))
    (local.set $spreadY (i32.add (local.get $y) (local.get $stride)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $products) (local.get $end)))
        (local.set $spread
          (f64x2.mul (v128.load (local.get $spreadX)) (v128.load (local.get $spreadY))))
        (v128.store (local.get $products)
          (v128.bitselect
            (f64x2.max (v128.const f64x2 -1 -1)
              (f64x2.min (v128.const f64x2 1 1)
                (f64x2.div
                  (f64x2.sub
                    (f64x2.mul (v128.load (local.get $n)) (v128.load (local.get $products)))
                    (f64x2.mul (v128.load (local.get $x)) (v128.load (local.get $y))))
                  (f64x2.sqrt (local.get $spread)))))
            (v128.const f64x2 nan nan)
            (f64x2.gt (local.get $spread) (v128.const f64x2 0 0))))
        (local.set $products (i32.add (local.get $products) (i32.const 16)))
        (local.set $n (i32.add (local.get $n) (i32.const 16)))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (local.set $spreadX (i32.add (local.get $spreadX) (i32.const 16)))
        (local.set $y (i32.add (local.get $y) (i32.const 16)))
        (local.set $spreadY (i32.add (local.get $spreadY) (i32.const 16)))
        (br $next)))))
