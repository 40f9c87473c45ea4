import { expect, it } from 'vitest';
import { importPublicKey, sshFingerprint } from '../src/index.js';

// keys made for this test, their fingerprints printed by `ssh-keygen -l`
it.each([
  [
    'ecdsa-b256',
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGTPpZ/U6IjMZhajFUog9i4jQtzYXoA/et5LHBqxU7ou3taMdEPR8DhQ6CDDkkzIpx/gkfzH9qJc9YlzZ767TKQ==',
    'SHA256:VYwKacGsHVAhQP0xDLA3bP0URh5UZOUKyC/FO1Rt/DU',
  ],
  [
    'ecdsa-b384',
    'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEc2kYxyYtW0SGhykmEFEolh2MTMZGNShMN3IuCAju5Kfl0pwfKXtgC4pWEe6ORnkTmh5ucQ8OPCTEepycQSTrgdiT9AhejS1C76MojFYKmjFnY/Dfaj1cRkLSiYDUys2S',
    'SHA256:p8HU9t4LBgmxI0BsHqa1V2ypJSrLkikzmiagQLNdn5s',
  ],
  [
    'ecdsa-b521',
    'MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAdNT4sA1guTvA5LhJrgeei9qnDZsGpbSs3Wn/Zz37gDmnasIySUGdrW61sqOJviLq4Iq24i9ZF4b8CUEtGYhgpmYBEc8PXVySQKsHpyXCinFskLLriYiyzXvmsrf8pqdynaR3rujbz2skU3AHCOyMmAAU31U1PnnHStarHjVTNbDDR+A=',
    'SHA256:lGU5148/Rq83S0psz6f2a7FSIlQsbQO7ZR7DC5MzJQU',
  ],
  [
    'rsa-b2048',
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAo+9L3+NG4f9KaWpkeQFzBt6Kf0mR5TZG1QxKj5T/1pCPn3PBAn1yM6YLgw0Uzxu1QS747VxohYqDBtD9aJbNSv1/ijvwtKnk6Zi2gaUDPwsf/GxqrNbEgLwQf9PfUvgMLIO90QzTIp/x9Wf87SFM4Qvte8t24HR5zNtrEMM39b+vjWwx6oENkHXClT+Bw1fj2K6yhHwR5c46YiVFf5DlScJIiONdTisCNm2sjTUxFB2naUlkNiRmhGMH+rI/PaNGiC0ZGJTIVL7HOArGfiXIoairSV+NFW+gpozEtEJRTaU/o8iX6G5tn3LS4hEPDbPPaI66qasWIxJs9FVLGzglxQIDAQAB',
    'SHA256:Kb29orHnk9jc4+i7qXdETfWdtAoTViW9uPamgNAWKkk',
  ],
  [
    'ed25519',
    'MCowBQYDK2VwAyEAF9WAKnC0hHta+JG/K4U69BYZnVkzlog2SDzYP1ikcKE=',
    'SHA256:bBZEPA2M5XSoPLOZgT2QCvcQKDaCWypvDE+GXs46Y+A',
  ],
])('prints the fingerprint that OpenSSH prints, %s', (_, spki, fingerprint) => {
  const key = importPublicKey(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`);
  expect(sshFingerprint(key)).toBe(fingerprint);
});
