/** The texts of a venue's screen in simplified Chinese; the other languages have the same keys. */

export const zhCN = {
  title: "场所码",
  scan: "进门请扫码。到访只记在您自己的手机里。",
  code: "{name}的场所码",
  newest: "{time} 更新，每半分钟换一次；拍照、转发都无效。",
  about: "这块屏幕不知道谁扫过码。有感染者到过这里时，您的手机会提醒您。",
  enrol: "启用这块屏幕",
  enrolAbout: "请输入登记场所时得到的启用码。一个启用码只能用在一块屏幕上，一小时内有效。",
  enrolCode: "启用码（12 位字母和数字）",
  enrolButton: "启用",
  ended: "这块屏幕已经一天没有联网，暂时不能扫码。请联网。",
  problem: {
    wrong: "启用码不对、用过了或者过期了。请检查，或者要一个新的。",
    withdrawn: "这块屏幕已被停用。请要一个新的启用码。",
    unreachable: "现在没有网络。一天之内屏幕照常可用。",
  },
};

export type Messages = typeof zhCN;
